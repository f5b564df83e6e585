users-title = Users
users-create = Create a user
users-create-do = Create the user
users-none = No users yet
users-none-then = A user is a person or a program that sends requests. Creating one makes a first key for them and shows ready settings for Claude Code, Codex, Gemini CLI, OpenCode and curl.
users-search = Name, note or tag
users-search-go = Search
users-search-failed = The search failed. Press Enter to try again.
users-shown = { $count ->
    [0] No user found
    [one] { $count } user
   *[other] { $count } users
}
users-none-found = Nobody’s name, note or tag holds “{ $part }”
users-all = Show all users
users-name = Name
users-state = State
users-state-active = active
users-state-off = off
users-state-expired = expired
users-groups = Groups
users-keys = Keys
users-key = Key
users-requests-today = Requests today
users-cost-today = Cost today
users-limits = Limits
users-last = Last used
users-never = never
users-admin = administrator
users-no-limit = no limit

users-words-5h = { $amount } in 5 h
users-words-daily = { $amount } a day
users-words-weekly = { $amount } a week
users-words-monthly = { $amount } a month
users-words-total = { $amount } in all
users-words-rpm = { $count } requests/min
users-words-tpm = { $count } tokens/min
users-words-requests = { $count ->
    [one] 1 request at once
   *[other] { $count } requests at once
}
users-words-sessions = { $count ->
    [one] { $count } session at once
   *[other] { $count } sessions at once
}

users-limit = Limit
users-used = Used
users-of = Of
users-share = Share
users-share-of = { $share } % used
users-anew = Starts anew
users-limit-5h = Five hours
users-limit-daily = Day
users-limit-weekly = Week
users-limit-monthly = Month
users-limit-total = In all
users-limit-rpm = Requests a minute
users-limit-tpm = Tokens a minute
users-limit-requests = Requests at once
users-limit-sessions = Sessions at once
users-moves-5h = always the last 5 hours
users-moves-day = always the last 24 hours
users-moves-minute = always the last minute
users-moves-never = never
users-moves-requests = when a request ends
users-moves-sessions = when a session ends
users-mode = The day
users-mode-fixed = begins at a time of day
users-mode-rolling = is always the last 24 hours
users-reset-time = The day begins at
users-reset-time-hint = Time in { $zone }.

users-add-key = Add a key
users-edit = Edit
users-remove = Remove
users-requests = Requests
users-switch-off = Switch off
users-switch-on = Switch on
users-acts = What can be done
users-expires = Access ends
users-expires-never = never
users-ends = ends { $when }
users-models = Only these models
users-keys-title = { $count ->
    [one] { $count } key
   *[other] { $count } keys
}
users-key-no-login = cannot sign in here
users-own-limits = Own limits
users-no-own-limit = those of the user
users-key-settings = Settings
users-limits-title = Limits
users-held = { $amount } more is on hold for requests that are running.
users-limits-note = The limits of a user count all of their keys together.

users-back = Users
users-new-title = Create a user
users-new-lead = A name is enough. You get a first key right away, with ready settings for each client.
users-edit-title = Edit { $name }
users-who = Who
users-name-hint = Shown to you in lists and on each request. Two users may have the same name.
users-note = Note
users-tags = Tags
users-tags-hint = Separated by commas; the list of users can be searched by them.
users-limits-default = $100 a day and 100 requests a minute, unless you change that
users-limits-why = For all keys of the user together. An empty amount or 0 is no limit.
users-rpm-hint = From 1 to 1,000,000.
users-access = Access
users-access-default = all models, the default group, no end
users-groups-hint = Only providers of these groups are asked. Empty is “default”, * is all; several are separated by commas.
users-expires-hint = Empty is never. Time in { $zone }.
users-models-hint = One a line, each its whole name. Empty is every model that a provider serves.
users-blocked-models = Models that are refused
users-blocked-hint = One a line. These are refused, whatever else is allowed.
users-clients = Only these programs
users-clients-hint = One a line: a program’s name, a part of its user agent, or all of it with a star (claude-code, codex, opencode/1.*). Empty is any.
users-blocked-clients = Programs that are refused
users-save = Save
users-created = { $name } is there. Below is their first key.
users-saved = { $name } was saved.
users-switched-on = { $name } may send requests again.
users-switched-off = { $name } is switched off: none of their keys works.
users-remove-title = Remove { $name }?
users-remove-keys = { $count ->
    [0] There are no keys to lose.
    [one] The key { $names } stops working at once.
   *[other] All { $count } keys stop working at once: { $names }.
}
users-remove-rows = { $count ->
    [0] There are no requests of theirs in the ledger.
    [one] Their { $count } request stays in the ledger and in all sums.
   *[other] Their { $count } requests stay in the ledger and in all sums.
}
users-remove-final = This cannot be taken back. To stop somebody for a while, switch them off instead.
users-remove-do = Remove { $name }
users-removed = { $name } was removed.

users-f-name = { users-name }
users-f-note = { users-note }
users-f-tags = { users-tags }
users-f-rpm = { users-limit-rpm }
users-f-providerGroup = { users-groups }
users-f-expiresAt = { users-expires }
users-f-allowedModels = { users-models }
users-f-blockedModels = { users-blocked-models }
users-f-allowedClients = { users-clients }
users-f-blockedClients = { users-blocked-clients }
users-f-canLoginWebUi = { key-can-login }
users-f-lossPolicy = { key-losses }
users-f-cacheTtlPreference = { key-cache }
users-f-limit5hUsd = { users-limit-5h }
users-f-dailyQuota = { users-limit-daily }
users-f-limitDailyUsd = { users-limit-daily }
users-f-limitWeeklyUsd = { users-limit-weekly }
users-f-limitMonthlyUsd = { users-limit-monthly }
users-f-limitTotalUsd = { users-limit-total }
users-f-limitConcurrentSessions = { users-limit-sessions }
users-f-dailyResetMode = { users-mode }
users-f-dailyResetTime = { users-reset-time }
