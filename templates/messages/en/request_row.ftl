row-time = Time
row-who = User, key
row-session = Session
row-session-more = All requests of session { $id }
row-model = Model
row-provider = Provider
row-status = Status
row-input = In
row-output = Out
row-cache-read = Cache read
row-cache-write = Cache write
row-open = At least: the answer broke off before the last count
row-cost = Cost
row-first = First content
row-duration = Duration
row-tries = { $count ->
    [one] { $count } try
   *[other] { $count } tries
}
row-word-success = OK
row-word-client-error = client error
row-word-not-found = not found
row-word-spent = spend limit
row-word-too-many = rate limit
row-word-refused = refused
row-word-no-provider = no provider
row-word-overloaded = overloaded
row-word-timed-out = timed out
row-word-failed = provider failed
row-word-silent = went silent
row-word-truncated = cut off
row-word-client-gone = client left
row-word-interrupted = interrupted
row-word-cut = cut by a stop
row-word-internal = internal error
row-free-unpriced = no price
row-free-unpriced-more = The model has no price. As soon as it has one, this request is billed.
row-free-unmetered = not known
row-free-unmetered-more = How many tokens were used was never said, so the cost is not known. It is not zero.
row-free-not-billable = free
row-free-not-billable-more = Requests of this kind, or with this end, are not billed.
row-note-rules = Error rules were not asked about an answer: that would have taken longer than the request had
row-note-slow = The provider was slow to begin, so the answer was passed on before its first content was seen
row-note-overflow = More was held back than fits, so the answer was passed on before its first content was seen
row-note-empty = The answer ended without content
row-note-drain-place = The client left, and too many answers were being read to their end already: the count is not complete
row-note-drain-bytes = The client left, and the rest of the answer was longer than is read to its end: the count is not complete
row-note-drain-time = The client left, and the rest of the answer took longer than is waited for: the count is not complete
row-note-implausible = The provider reported more tokens than a request can use: the count is taken for not known
row-note-websocket = The client asked over a WebSocket
row-note-websocket-upstream = The provider was asked over a WebSocket, too
row-note-no-instructions = The provider wants instructions that are set here, and none are: the client's passed
row-note-stands-in = Nobody could serve the model that was asked for: { $model } stood in for it
row-note-word = What the caller said contains “{ $word }”, which may not be sent here
row-note-stays = Another provider served this turn; the session stays on its own one, which was only absent for a moment
row-note-not-moved = This request did not move the session: it ran beside another one, or the session was bound or ended in the meantime
row-out-group = { $count ->
    [one] 1 provider is of groups that this key does not see
   *[other] { $count } providers are of groups that this key does not see
}
row-out-disabled = { $count ->
    [one] 1 provider is switched off
   *[other] { $count } providers are switched off
}
row-out-format = { $count ->
    [one] 1 provider speaks another protocol
   *[other] { $count } providers speak another protocol
}
row-out-model = { $count ->
    [one] 1 provider does not have the model
   *[other] { $count } providers do not have the model
}
row-out-client = { $count ->
    [one] { $count } provider does not serve this client program
   *[other] { $count } providers do not serve this client program
}
row-out-schedule = { $count ->
    [one] { $count } provider is outside its hours
   *[other] { $count } providers are outside their hours
}
row-out-circuit-open = { $count ->
    [one] 1 provider was resting after failures (breaker open)
   *[other] { $count } providers were resting after failures (breaker open)
}
row-out-probes-out = { $count ->
    [one] 1 provider was being tried out again by other requests
   *[other] { $count } providers were being tried out again by other requests
}
row-out-cooling = { $count ->
    [one] 1 provider was cooling down (overload or connection trouble)
   *[other] { $count } providers were cooling down (overload or connection trouble)
}
row-out-spend-limit = { $count ->
    [one] 1 provider has reached its spend limit
   *[other] { $count } providers have reached their spend limits
}
row-out-rate-limit = { $count ->
    [one] 1 provider has reached its limit of requests or tokens a minute
   *[other] { $count } providers have reached their limits of requests or tokens a minute
}
row-out-concurrency-limit = { $count ->
    [one] 1 provider has as many sessions or requests as it may have
   *[other] { $count } providers have as many sessions or requests as they may have
}
row-out-tried = { $count ->
    [one] 1 provider had been tried already
   *[other] { $count } providers had been tried already
}
row-out-no-endpoint = { $count ->
    [one] 1 provider has no address that can be used
   *[other] { $count } providers have no address that can be used
}
row-out-proxy = { $count ->
    [one] 1 provider has a proxy whose address cannot be used
   *[other] { $count } providers have a proxy whose address cannot be used
}
row-out-lacks-model = { $count ->
    [one] 1 provider said minutes ago that it does not have the model
   *[other] { $count } providers said minutes ago that they do not have the model
}
row-out-unpriced = { $count ->
    [one] 1 provider would be sent a model without a price, and such requests are refused
   *[other] { $count } providers would be sent a model without a price, and such requests are refused
}
