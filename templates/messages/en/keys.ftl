key-title = { $name } of { $user }
key-the-key = The key
key-shown = Give it to its user. Leaving or reloading this page hides it; it can be shown again, and each time is noted in the audit log.
key-once = Copy it now: it is gone when you leave or reload this page, and cannot be shown again.
key-hidden = The settings below say { "sk-YOUR-KEY" } in its place until you show it. Showing it is noted in the audit log.
key-gone = The whole key was shown once, when it was made, and is not kept. The settings below say { "sk-YOUR-KEY" } in its place. If it is lost, add another key.
key-show = Show the key
key-try = Try it
key-try-then = Paste this into a terminal. It asks { $model } ({ $dialect }), which a provider serves now.
key-try-guess = Paste this into a terminal. It asks { $model } ({ $dialect }): a usual model of this kind. What the provider really has is not known here; if it refuses, write one of its models instead.
key-try-nothing = Nothing is served for this key yet: add a provider, and this place shows a command that works.
key-add-provider = Add a provider
key-clients = Settings for clients
key-clients-then = With this address ({ $address }) and this key.
key-client-ready = ready
key-needs-provider = Needs a provider that speaks { $dialect }.
key-needs-any = Needs a provider; any will do.
key-needs-on = Every provider that speaks { $dialect } is switched off.
key-needs-group = A provider speaks { $dialect }, but in groups that this key may not use.
key-needs-model = A provider speaks { $dialect }, but none serves a model that this user may ask for.
key-needs-go = Go to providers
key-needs-ask = Ask whoever runs this relay.
key-block-shell = In a terminal
key-block-then-shell = Then, in a terminal
key-block-claude-file = Or for good, in ~/.claude/settings.json
key-block-codex-file = In ~/.codex/config.toml
key-block-opencode-file = In opencode.json of a project, or ~/.config/opencode/opencode.json
key-block-curl = In a terminal
key-note-gemini = When it asks how to sign in, choose “Use Gemini API Key”.
key-note-gemini-https = It takes an http:// address only of its own machine: elsewhere, open this page under https:// and copy the settings from there. When it asks how to sign in, choose “Use Gemini API Key”.

key-seen-none = No request seen yet
key-seen-none-then = The first request with this key appears here by itself. Limits that refuse one make a row as well; a mistyped key makes none.
key-seen-door = Requests with a key that nobody knows are noted
key-seen-door-link = at the door.
key-seen-again = Check again
key-seen-again-then = It opens in another tab, without the key: this page keeps it until you leave or reload it.
key-seen-first = First request seen
key-seen-last = Last request
key-seen-no-model = no model
key-seen-why = See why it went there

key-trouble-off = This key is switched off: every request with it is refused.
key-trouble-expired = This key has expired: every request with it is refused.
key-trouble-user-off = Its user is switched off: every request with it is refused.
key-trouble-user-expired = The access of its user has ended: every request with it is refused.

key-new-title = A key for { $user }
key-new-lead = One for each machine or program is best: each can then be limited, watched and stopped alone.
key-edit-title = Edit { $name } of { $user }
key-what = What it is
key-name-hint = Where it will be used.
key-name-like = laptop
key-can-login = May sign in here
key-can-login-hint = With it, its user sees their own keys, requests and costs.
key-limits-title = Own limits
key-limits-default = empty: only those of the user
key-limits-why = In addition to the limits of the user, and not above them.
key-ceiling = The user has { $limit }.
key-ceiling-none = The user has no limit here.
key-create-do = Create the key
key-created = { $name } is there.
key-saved = { $name } was saved.
key-switched-on = { $name } works again.
key-switched-off = { $name } is switched off: every request with it is refused.
key-remove-title = Remove { $name } of { $user }?
key-remove-stops = Programs that use it are refused from now on, and whoever is signed in with it is signed out.
key-remove-rows = { $count ->
    [0] There are no requests with it in the ledger.
    [one] Its { $count } request stays in the ledger and in all sums.
   *[other] Its { $count } requests stay in the ledger and in all sums.
}
key-remove-final = This cannot be taken back. To stop it for a while, switch it off instead.
key-remove-do = Remove { $name }
key-removed = { $name } was removed.
