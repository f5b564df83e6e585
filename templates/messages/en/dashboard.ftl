dashboard-title = Dashboard
dashboard-welcome = Welcome
dashboard-welcome-lead = Three steps, and the first request goes through.
dashboard-step-provider = Add a provider
dashboard-step-provider-why = Where requests go: a vendor’s address, and the key that it gave you.
dashboard-step-user = Create a user
dashboard-step-user-why = Who may send requests. Each user has keys of their own, and limits if you like.
dashboard-step-client = Point a client here
dashboard-step-client-why = The client gets this address and the user’s key instead of the vendor’s. This page changes when its first request arrives.
dashboard-step-done = Done
dashboard-add-provider = Add a provider
dashboard-add-user = Create a user
dashboard-to-keys = Show users and keys
dashboard-client-yours = You have not sent a request yet. Give your client this address and your key:

dashboard-figures = Today’s figures
dashboard-today-in = Today, by the clock of { $zone }
dashboard-requests = Requests today
dashboard-spend = Spend today
dashboard-sessions = Active sessions
dashboard-errors = Errors today
dashboard-errors-others = { $count ->
    [one] One more was refused, or the client’s own error
   *[other] { $count } more were refused, or the clients’ own errors
}
dashboard-yesterday = Yesterday by this time:
dashboard-in-flight = { $count ->
    [0] no request is running
    [one] { $count } request is running
   *[other] { $count } requests are running
}
dashboard-unpriced-sum = { $count ->
    [one] One request without a price is not in it
   *[other] { $count } requests without a price are not in it
}
dashboard-unmetered-sum = { $count ->
    [one] One request of unknown usage is not in it
   *[other] { $count } requests of unknown usage are not in it
}
dashboard-first-content = First content today: half within { $p50 }, 19 of 20 within { $p95 } ({ $count ->
    [one] { $count } request
   *[other] { $count } requests
} measured)
dashboard-first-content-none = First content: nothing measured today

dashboard-metric = What the chart shows
dashboard-metric-requests = Requests
dashboard-metric-spend = Spend
dashboard-metric-tokens = Tokens
dashboard-metric-latency = First content
dashboard-by = Split by
dashboard-by-none = All
dashboard-by-provider = Provider
dashboard-by-user = User
dashboard-by-model = Model
dashboard-range = Span of the chart
dashboard-range-today = Today
dashboard-range-day = 24 hours
dashboard-range-week = 7 days
dashboard-range-month = 30 days
dashboard-chart-requests = Requests
dashboard-chart-spend = Spend
dashboard-chart-tokens = Tokens
dashboard-chart-latency = Time to the first content
dashboard-line-served = Served
dashboard-line-refused = Refused, or the client’s error
dashboard-line-failed = Failed
dashboard-line-spend = Spend
dashboard-line-input = Input
dashboard-line-output = Output
dashboard-line-cache-write = Cache write
dashboard-line-cache-read = Cache read
dashboard-line-p50 = Half of the requests within
dashboard-line-p95 = 19 of 20 within
dashboard-line-others = All others
dashboard-line-nobody = No provider
dashboard-line-no-model = No model named

dashboard-strips = Providers, the last four hours
dashboard-cell-good = fewer than 1 in 20 failed
dashboard-cell-warn = some failed
dashboard-cell-bad = half or more failed
dashboard-cell-unknown = not asked
dashboard-cell = { $from }–{ $to }: { $requests ->
    [0] not asked
    [one] { $requests } request, { $errors } failed
   *[other] { $requests } requests, { $errors } failed
}
dashboard-strip-sum = { $requests ->
    [one] { $requests } request, { $errors } failed
   *[other] { $requests } requests, { $errors } failed
}
dashboard-strip-none = not asked
dashboard-provider-off = switched off
dashboard-provider-resting = resting
dashboard-provider-probed = being tried again

dashboard-feed = Latest requests
dashboard-feed-all = All requests
dashboard-feed-none = No requests yet.
dashboard-feed-time = Time
dashboard-feed-status = Status
dashboard-feed-model = Model
dashboard-feed-user = User
dashboard-feed-provider = Provider
dashboard-feed-cost = Cost
dashboard-feed-took = Took

dashboard-no-provider = There is no provider: every request is refused.
dashboard-all-off = All providers are switched off: every request is refused.
dashboard-all-resting = Every provider rests after failures: requests are refused until one of them is tried again.
dashboard-failing = { $faults ->
    [one] One request failed
   *[other] { $faults } requests failed
} in the last five minutes; { $served ->
    [0] none was served
    [one] one was served
   *[other] { $served } were served
}.
dashboard-open = { $name } has failed { $failures ->
    [one] once
   *[other] { $failures } times in a row
} (last: { $cause }) and gets no requests since { $since }. It is tried again from { $until } on.
dashboard-open-short = { $name } gets no requests after { $failures ->
    [one] a failure
   *[other] { $failures } failures in a row
} (last: { $cause }). It is tried again from { $until } on.
dashboard-probed = { $name } had failed too often (last: { $cause }) and is being tried again with single requests.
dashboard-unpriced = { $requests ->
    [one] One request of today has
   *[other] { $requests } requests of today have
} no price and { $requests ->
    [one] is
   *[other] are
} missing in every sum: { $models }{ $more ->
    [0] {""}
    [one] {" and one more model"}
   *[other] {" and "}{ $more }{" more models"}
}.
dashboard-to-providers = Providers
dashboard-to-provider = Look at it
dashboard-to-failed = What failed
dashboard-to-prices = Prices
