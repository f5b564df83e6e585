frame-name = Switchyard
frame-skip = Skip to the content
frame-demo = Everything here is a sample. It is gone when the program ends.
frame-rooms = Rooms
frame-preferences = Appearance and account
frame-theme = Theme
frame-theme-system = System
frame-theme-light = Light
frame-theme-dark = Dark
frame-language = Language
frame-log-out = Sign out
frame-version = Version { $version }
frame-zone = Times are in { $zone }
frame-close = Close
frame-cancel = Cancel
frame-copy = Copy
frame-copied = Copied
frame-done = Done.
frame-new-rows = { $count ->
    [one] { $count } new request
   *[other] { $count } new requests
}

nav-dashboard = Dashboard
nav-requests = Requests
nav-providers = Providers
nav-users = Users
nav-prices = Prices

health-good = All well
health-good-more = Requests are served, rows are written.
health-degraded = Degraded
health-down = Not ready
health-nobody = Nobody can serve
health-failing = Requests fail
health-breakers = { $count ->
    [one] { $count } provider resting
   *[other] { $count } providers resting
}
health-ask = Ask whoever runs this relay.
health-breakers-more = See which providers rest, and why

reason-admin-token = The admin token of this node is not the one that another node has been given: give every node the same, then send SIGHUP or restart.
reason-catalogue = Changes of users, keys, providers and settings cannot be read: what was known before is used.
reason-journal-slow = The disk is slow: appending to the journal takes over 100 ms.
reason-journal = The journal cannot be written or is full, and new requests are refused: free space on the data directory.
reason-ledger = Rows do not reach the database and wait in the journal.
reason-limits = ENABLE_RATE_LIMIT is off: limits are counted, and nobody is refused.
reason-network = Several hosts cannot be connected to and none answers: our own network seems down, and no provider is charged.
reason-nodes = Several nodes use this database and count limits each on its own: a limit may be passed as many times over as there are nodes.
reason-patterns = A pattern of a provider’s models or redirects cannot be read and counts for none.
reason-prices = Model prices are not up to date: their table cannot be fetched. The log says why.
reason-redis = Redis does not answer: each node counts limits alone, with its part of what is left.
reason-roll-ups = Sums of some hours cannot be counted ahead; their figures are summed from rows, which takes longer.
reason-rows = The database refuses some rows. They wait in the journal and are tried again; the log says why.
reason-start = The process is starting; new requests should go elsewhere.
reason-stop = The process is stopping; new requests should go elsewhere.
reason-worker = A worker cannot open its journal: look at the disk of the data directory.
reason-degraded = Something works worse than it should: { $reason }.
reason-down = New requests should go elsewhere: { $reason }.

keys-title = Keys
keys-search = Search
keys-rows = Next and previous row
keys-this = This list

table-pages = Pages
table-first = First page
table-next = Next page

form-optional = optional
form-changed-meanwhile = Somebody has changed this since you opened it. What you typed is below and not saved; saving once more puts it in place of what is kept now. Open the page anew to see that.
form-wrong = { $count ->
    [one] One field needs another look; nothing was saved.
   *[other] { $count } fields need another look; nothing was saved.
}

time-now = just now
time-seconds-ago = { $count } s ago
time-minutes-ago = { $count } min ago
time-hours-ago = { $count } h ago
time-days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
time-in-seconds = in { $count } s
time-in-minutes = in { $count } min
time-in-hours = in { $count } h
time-in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}
