request-title = Request { $id }
request-wait-title = On its way
request-wait-text = This request is still running, or its row is being written. This page looks again every two seconds.
request-wait-again = Look now
request-sent-status = The client had already been sent status { $status } by then.
request-error = What went wrong, in the words it was said
request-about = Who and what
request-id = Id
request-model-asked = Asked for
request-model-sent = Sent as
request-model-answered = Answered by
request-deleted = (deleted)
request-no-provider = none was asked
request-asked = Path
request-op-generate = an answer
request-op-count = a count of tokens
request-op-complete = a completion of the old form
request-op-compact = a compaction
request-op-embed = an embedding
request-op-models = a list of models
request-op-other = something else
request-stream = as a stream
request-whole = as a whole
request-messages = { $count ->
    [one] 1 message
   *[other] { $count } messages
}
request-client = Client
request-loss-dropped = Lost in conversion
request-loss-approx = Put otherwise
request-edits = Body
request-edits-none = went out byte for byte as it came
request-edit-convert = It was converted from { $from } to { $to }
request-edit-fallback = The model’s name was exchanged: another model stood in
request-edit-model = The model's name was exchanged, as the provider's redirects say
request-edit-instructions = The instructions that are set here took the place of the client's
request-edit-session-id = The session id of Codex was put where it was missing
request-edit-usage = The provider was asked for the usage of the stream, which the client did not want to see
request-edit-masked = The provider's key stood in its answer and was masked
request-edit-beta = Flags in anthropic-beta were put in or taken out
request-edit-billing = Claude Code’s billing block was taken out
request-edit-cache-ttl = Cache marks last as long as is set here
request-edit-cache-marks = Cache marks were put in where the client had none
request-edit-max-tokens = The longest answer was set
request-edit-thinking = Thinking was set
request-edit-effort = The effort of thinking was set
request-edit-reasoning-effort = The reasoning effort was set
request-edit-reasoning-summary = The reasoning summary was set
request-edit-verbosity = The verbosity was set
request-edit-parallel = Parallel tool calls were set
request-edit-tier = The service tier was set
request-edit-image-tool = The tool for images was put in or taken out
request-edit-google-search = Google’s search was put in or taken out
request-edit-input-list = The input became a list, as this provider takes nothing else
request-edit-project = The project of the provider’s credential took the place of the client’s
request-edit-thinking-off = Thinking was switched off: a call that is being answered has none from this vendor
request-edit-foreign-thinking = Thinking of other vendors’ models was left out
request-edit-mended-signature = Mended after a refusal: thinking that this provider does not take was left out
request-edit-mended-budget = Mended after a refusal: the thinking budget was raised
request-edit-mended-effort = Mended after a refusal: an effort beside thinking that is off was left out
request-edit-mended-ids = Mended after a refusal: ids of calls were left out
request-edit-mended-calls = Mended after a refusal: calls without a signature got what Google documents for them
request-edit-mended-reasoning = Mended after a refusal: another vendor's thinking items were left out
request-edit-mended-input = Mended after a refusal: the input became a list
request-set-for = for { $name }
request-edit-filter = Request filter “{ $name }”
request-notes = Notes
request-refusal = The limit that refused
request-refusal-held = Part of that is held for requests that are still running and comes free when they end.
request-refusal-resets = It starts anew at
request-refusal-retry = Another try makes sense in
request-refusal-go = To this user's limits
request-limit-rpm = { $owner ->
    [key] Requests a minute of the key: { $current } of { $limit }.
    [group] Requests a minute of the group { $name }: { $current } of { $limit }.
    [tag] Requests a minute of the tag { $name }: { $current } of { $limit }.
    [provider] Requests a minute of the provider: { $current } of { $limit }.
   *[user] Requests a minute of the user: { $current } of { $limit }.
}
request-limit-tpm = { $owner ->
    [key] Tokens a minute of the key: { $current } of { $limit }.
    [group] Tokens a minute of the group { $name }: { $current } of { $limit }.
    [tag] Tokens a minute of the tag { $name }: { $current } of { $limit }.
    [provider] Tokens a minute of the provider: { $current } of { $limit }.
   *[user] Tokens a minute of the user: { $current } of { $limit }.
}
request-limit-sessions = { $owner ->
    [key] Sessions at once of the key: { $current } of { $limit }.
    [group] Sessions at once of the group { $name }: { $current } of { $limit }.
    [tag] Sessions at once of the tag { $name }: { $current } of { $limit }.
    [provider] Sessions at once of the provider: { $current } of { $limit }.
   *[user] Sessions at once of the user: { $current } of { $limit }.
}
request-limit-requests = { $owner ->
    [key] Requests at once of the key: { $current } of { $limit }.
    [group] Requests at once of the group { $name }: { $current } of { $limit }.
    [tag] Requests at once of the tag { $name }: { $current } of { $limit }.
    [provider] Requests at once of the provider: { $current } of { $limit }.
   *[user] Requests at once of the user: { $current } of { $limit }.
}
request-limit-5h = { $owner ->
    [key] Spending of the key in five hours: { $current } of { $limit }.
    [group] Spending of the group { $name } in five hours: { $current } of { $limit }.
    [tag] Spending of the tag { $name } in five hours: { $current } of { $limit }.
    [provider] Spending of the provider in five hours: { $current } of { $limit }.
   *[user] Spending of the user in five hours: { $current } of { $limit }.
}
request-limit-daily = { $owner ->
    [key] Spending of the key on one day: { $current } of { $limit }.
    [group] Spending of the group { $name } on one day: { $current } of { $limit }.
    [tag] Spending of the tag { $name } on one day: { $current } of { $limit }.
    [provider] Spending of the provider on one day: { $current } of { $limit }.
   *[user] Spending of the user on one day: { $current } of { $limit }.
}
request-limit-weekly = { $owner ->
    [key] Spending of the key in a week: { $current } of { $limit }.
    [group] Spending of the group { $name } in a week: { $current } of { $limit }.
    [tag] Spending of the tag { $name } in a week: { $current } of { $limit }.
    [provider] Spending of the provider in a week: { $current } of { $limit }.
   *[user] Spending of the user in a week: { $current } of { $limit }.
}
request-limit-monthly = { $owner ->
    [key] Spending of the key in a month: { $current } of { $limit }.
    [group] Spending of the group { $name } in a month: { $current } of { $limit }.
    [tag] Spending of the tag { $name } in a month: { $current } of { $limit }.
    [provider] Spending of the provider in a month: { $current } of { $limit }.
   *[user] Spending of the user in a month: { $current } of { $limit }.
}
request-limit-total = { $owner ->
    [key] Spending of the key altogether: { $current } of { $limit }.
    [group] Spending of the group { $name } altogether: { $current } of { $limit }.
    [tag] Spending of the tag { $name } altogether: { $current } of { $limit }.
    [provider] Spending of the provider altogether: { $current } of { $limit }.
   *[user] Spending of the user altogether: { $current } of { $limit }.
}
request-bill = Tokens and cost
request-bill-what = What
request-bill-count = Count
request-bill-rate = Per million
request-bill-amount = Amount
request-bill-list = List price
request-bill-provider-factor = The provider's factor
request-bill-group-factor = Factor of group { $name }
request-bill-no-group-factor = Factor of the group
request-bill-reasoning = { $count } of the output tokens were spent on reasoning.
request-bill-price = Price of { $model }, version { $version }:
request-bill-since = since
request-bill-version = Price version { $version }; its text is not there any more.
request-bill-priority = Billed at the rates of the priority tier.
request-bill-none = No tokens were counted.
request-price-seed = bundled with the program
request-price-synced = from the price table
request-price-manual = set by hand
request-part-input = Input
request-part-output = Output
request-part-write-5m = Cache write, 5 minutes
request-part-write-1h = Cache write, 1 hour
request-part-read = Cache read
request-part-image-input = Images in
request-part-image-output = Images out
request-part-request = The request itself, each
request-timing = Where the time went
request-timing-none = It ended before anybody was asked.
request-bar-try = Try { $number }: { $name }
request-bar-byte = To the first byte
request-bar-content = To the first content
request-bar-rest = The rest of the answer
request-chain = What was decided
request-chain-none = No provider was asked.
request-step-at = began after
request-step-took = took
request-step-chosen = Chosen
request-step-left-out = Left out
request-step-address = Address
request-step-way = Way
request-step-answered = Answered
request-step-then = Then
request-step-now = Now
request-candidate = weight { $weight },
request-picked = drawn
request-chosen-sticky = Kept: this session was served here before, so its prompt cache is here.
request-chosen-only = The only provider of priority { $priority } that could take it.
request-chosen-draw = Drawn by weight among { $count } providers of priority { $priority }: nobody who could take it comes before those.
request-chosen-converted = { $count ->
    [one] The only one of priority { $priority }, and it speaks another format: the request was converted, since nobody of the client's own format could take it.
   *[other] Drawn among { $count } of priority { $priority } that speak another format: the request was converted, since nobody of the client's own format could take it.
}
request-chosen-again = The same provider once more: its try number { $attempt }.
request-replay = Seed { $seed }, catalogue { $catalogue }: the same draw gives the same provider.
request-ruled-client = error rule { $rule } (“{ $pattern }”): the request is at fault
request-ruled-provider = error rule { $rule } (“{ $pattern }”): the provider is at fault
request-ruled-not-found = error rule { $rule } (“{ $pattern }”): it lacks what was asked for
request-ruled-switch = error rule { $rule } (“{ $pattern }”): on to another provider at once, and charged
request-way-direct = directly, around the proxy: it failed, and the provider allows that

request-answered-well = status { $status }, to its end
request-answered-instructions = refused the instructions (status { $status }): the ones that are set here were tried
request-answered-no-socket = took no WebSocket, so the same try went on over HTTP
request-answered-not-found = status { $status }: it does not have this model or path
request-answered-client = status { $status }: the request itself is at fault
request-answered-abort = the client left meanwhile
request-answered-full = it had as many sessions as it may have
request-answered-unfit = it was not asked: the request cannot be converted for it
request-answered-unsent = it was not asked: the try was refused here before anything was sent
request-answered-cut = it was still answering when Switchyard stopped: the try was cut here, and nobody is blamed
request-answered-broke = it broke off after the answer had begun
request-answered-unreached = it could not be reached, or the connection broke
request-answered-silent = it was silent for too long (counted as { $status })
request-answered-overloaded = status { $status }: overloaded, it asks to wait
request-answered-unusable = its answer could not be used (counted as { $status })
request-answered-error = status { $status }: an error of its own
request-answered-failed = it failed
request-then-again = Tried once more at the same provider.
request-then-not-again = Another try at the same provider was to follow, and was not made.
request-then-refused = Stopped: this relay did not make the try.
request-then-other = Went on to { $name }.
request-then-passed = The answer was passed on to the client.
request-then-client = Stopped: others would say the same, and no provider is blamed.
request-then-truncated = Stopped: the client had part of the answer, so nothing could be sent again.
request-then-gone = Stopped: nobody waits for the answer any more.
request-then-cut = Stopped: the grace of the stop was over, and the client was told so.
request-then-nobody = Stopped: nobody else was left.
request-then-stopped = Stopped: no further try was allowed, by number or by time.
request-resting-open = resting after failures, at least until
request-resting-half-open = being tried out again
request-nobody = Nobody could take it
request-nobody-left = Nobody else was left
request-nobody-go = To the providers
request-what-success = { $name } answered it to the end.
request-what-success-after = { $count ->
    [one] { $name } answered it to the end, after one try that failed.
   *[other] { $name } answered it to the end, after { $count } tries that failed.
}
request-what-unreadable = The request could not be taken as it came; no provider was asked.
request-what-client-error = The request itself was at fault: nobody else was asked, and no provider was blamed.
request-what-unfit = Nobody was asked: the request cannot be converted for who could have taken it.
request-what-refused = It was refused before any provider was asked.
request-what-no-provider = No provider could take it.
request-what-all-failed = All { $count } tries failed before anything had been sent to the client.
request-what-failed = { $name } failed before anything had been sent to the client, and there was no other try.
request-what-truncated = { $name } broke off after the answer had begun.
request-what-client-gone = The client left before the end.
request-what-cut = Switchyard was stopped, and this request was still running when the grace of the stop was over.
request-what-interrupted = Switchyard ended before this request did; this row was written at the next start.
request-what-internal = Switchyard itself failed.
request-do-client-error = The client's request has to change; the words below say how.
request-do-unfit = The words below say what would have been lost, or what the other format has no place for.
request-do-unfit-admin = The words below say why. How much may be lost is a setting of the provider and of the key.
request-do-word = Say it without that word, or have an admin take it off the list.
request-do-refused = An admin can raise the limit.
request-do-refused-admin = Raise the limit, or let the window pass.
request-do-no-provider-admin = See below who was left out and why.
request-do-again = The client was told to try again later.
request-do-truncated = Agents usually send the turn again by themselves.
request-do-cut = Agents usually send the turn again by themselves. Longer answers come to their end with a longer grace (SHUTDOWN_GRACE_SECONDS).
request-do-interrupted = What it cost at the vendor is not known.
request-do-internal = The log has the reason under this id.
request-told = The client was told:
request-do-no-providers-at-all = There was no provider at all. Add one.
