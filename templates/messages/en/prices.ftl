prices-title = Prices
prices-unit = dollars a million tokens
prices-lead = A request is billed with the version in force when it ran, and its row names it. A price set by hand beats a synced one, a synced one beats the bundled one.
prices-sync = Sync now
prices-synced = Prices synced: { $added } new, { $updated } changed, { $unchanged } as they were.
prices-synced-partly = Prices synced: { $added } new, { $updated } changed, { $unchanged } as they were. { $unusable ->
    [one] { $unusable } entry of the table is no price.
   *[other] { $unusable } entries of the table are no prices.
}

prices-feed = Price sync
prices-feed-good = Synced
prices-feed-good-then = { $ago }, { $models } models.
prices-feed-fresh = First sync under way
prices-feed-fresh-then = Until it ends, the bundled prices hold.
prices-feed-stale = Unchanged
prices-feed-stale-then = The last sync that went well was { $ago }; { $failures ->
    [one] the one since then failed
   *[other] the last { $failures } failed
}, last tried { $tried }. Prices stay as they are, and it is tried again.
prices-feed-never = Never synced
prices-feed-never-then = { $failures ->
    [one] The first try failed
   *[other] { $failures } tries failed
}, last tried { $tried }. The bundled prices hold, and it is tried again.
prices-feed-off = Sync is off
prices-feed-off-then = PRICE_FEED_URL is empty: prices are those that are bundled, uploaded, or were synced before.
prices-feed-silent = No answer
prices-feed-silent-then = The price sync does not answer. Prices stay as they are; look at the log for “price”.

prices-search = Model
prices-search-like = Part of a name, such as sonnet
prices-search-go = Search
prices-search-failed = The search got no answer. Try again.
prices-found = { $count ->
    [one] { $count } model
   *[other] { $count } models
}
prices-none-found = No model is called that
prices-none-found-then = Try a shorter part of the name. A model without a price is served all the same; its requests have no cost until it gets one.
prices-show-all = Show all prices
prices-none = There are no prices yet
prices-none-then = Requests are served, and have no cost until their model has a price. Sync now, or upload a table with the API’s uploadPriceTable; switchyard price fill then bills what was served before.

prices-model = Model
prices-input = Input
prices-output = Output
prices-cache-read = Cache read
prices-cache-write = Cache write
prices-cache-hour = Write for 1 h
prices-source = Source
prices-source-all = All
prices-source-manual = By hand
prices-source-synced = Synced
prices-source-seed = Bundled
prices-version = Version
prices-since = Since
prices-unbillable = Cannot be billed: no rate by token or request
prices-note-request = ${ $fee } a request
prices-note-long = dearer above { $thousands }k
prices-note-priority = priority rates
