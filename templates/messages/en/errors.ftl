error-login = You are not signed in
error-login-then = Sign in and try again.
error-forbidden = This is not yours to see
error-forbidden-then = It takes an administrator. Sign in with the admin token, or ask whoever runs this relay.
error-not-found = There is nothing here
error-not-found-then = It may have been removed, or the address has a slip. The rooms above still lead somewhere.
error-forged = This form is too old, or came from elsewhere
error-forged-then = Nothing was changed. Go back, reload the page and send it again.
error-too-large = The form is too large
error-too-large-then = Nothing was changed. Send less at once; long lists can be imported over the API.
error-broken = The form did not arrive whole
error-broken-then = Nothing was changed. The connection broke or was too slow; send it again.
error-busy = Too many people are asking at once
error-busy-then = Nothing was changed. Try again in a second.
error-over = What was kept is gone
error-over-then = Nothing was changed. What is typed is kept for one hour, in the browser that it was typed in. Open the form again, and send it anew.
error-too-often = Too many wrong keys came from your address
error-too-often-then = Nothing was changed, and nothing is read from there for { $minutes ->
    [one] { $minutes } more minute
   *[other] { $minutes } more minutes
}. Go back then and send it again.
error-store = The database does not answer
error-store-then = Relaying goes on from memory and rows wait in the journal. Look at the log for “store”, and at the database; then reload.
error-internal = This page has a fault
error-internal-then = It was noted in the log, with the request id of this answer. Requests are relayed all the same.
error-refused-then = Nothing was changed. Go back to try another way.
error-home = To the start

wrong-missing = This is needed.
wrong-short = At least { $least } characters.
wrong-long = At most { $most } characters.
wrong-small = At least { $least }.
wrong-big = At most { $most }.
wrong-many = At most { $most } of them.
wrong-url = Not an address. One looks like https://api.example.com/v1
wrong-time = Not a time that can be read.
wrong-past = This is over already: choose a time to come.
wrong-far = At most ten years from now.
wrong-fraction = A whole number.
wrong-number = A number.
wrong-value = Not one of the values that are possible here.
wrong-empty = There is nothing to change here.
wrong-inside = It leads to this machine or into a private network.
wrong-header-name = A header’s name holds letters, digits and a few signs such as - and _ only.
wrong-header-reserved = One of these headers is set by the relay itself: those with keys and cookies, and those of the connection and of the body’s length and form. Leave it out.
wrong-header-value = A header’s value holds no control characters, such as line breaks.
wrong-header-twice = The same header is there twice; capital letters make no difference.
wrong-store = The database does not answer; nothing was saved. Try again, and look at the log if it goes on.
wrong-internal = The program has a fault here; nothing was saved. It is in the log.

refused-denied = You may not do this; it takes an administrator.
refused-no-key = This key is not there any more.
refused-no-user = This user is not there any more.
refused-no-provider = This provider is not there any more.
refused-last-key = A user keeps at least one key. Add another one first, or remove the user.
refused-key-name = A key called “{ $name }” is in use already.
refused-key-over-user = A key’s limit cannot be above its user’s.
refused-proxy = Not a proxy’s address. It looks like http://host:port, https://host:port or socks5://host:port
refused-private = { $host } is a private or loopback address. Tick “private addresses” for this provider, or set ALLOW_PRIVATE_PROVIDER_URLS=true for all of them.
refused-sync-off = Price sync is switched off (PRICE_FEED_URL is empty). Upload a price table instead.
refused-sync = Prices stay as they were. The sync failed: { $reason }
refused-sync-table = Prices stay as they were. What the feed sent is no table of models.
refused-sync-shrunk = Prices stay as they were. The feed’s table shrank from { $before } models to { $after }: more likely a broken mirror than the truth.
refused-sync-silent = Prices stay as they were. The sync does not answer; try again, and look at the log if it goes on.
refused-table = Not a price table: { $reason }
