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
health-breakers = { $count ->
    [one] { $count } provider resting
   *[other] { $count } providers resting
}
health-ask = Ask whoever runs this relay.
health-breakers-more = See which providers rest, and why

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
