providers-title = Providers
providers-add = Add a provider
providers-add-one = Add { $name }
providers-add-now = Add the provider
providers-save = Save
providers-edit = Edit
providers-remove = Remove
providers-enable = Use
providers-disable = Rest
providers-reset = Reset
providers-test = Test now
providers-testing = Testing…
providers-test-it = Test it
providers-fetch-models = Fetch the vendor’s models
providers-fetching = Fetching…
providers-create-user = Create a user
providers-order = In the order in which they are chosen: the lowest priority first, by weight among equals. The next one takes over when one fails.
providers-none = No provider yet
providers-none-then = A provider is where requests go: a vendor’s address and a key of yours. Choose the vendor; the rest is filled in.
providers-choose = Choose the vendor. For those that are known, all that is left to type is a key.
providers-your-url = your address
providers-other-vendor = Another vendor
providers-only-key = Everything is filled in but the key. Test it before you add it.
providers-url-and-key = Type the address and the key. Test it before you add it.
providers-no-user = Requests could go out, but nobody may send any yet.

providers-c-state = State
providers-c-name = Provider
providers-c-groups = Groups
providers-c-priority = Priority
providers-c-weight = Weight
providers-c-multiplier = Factor
providers-c-share = Share
providers-c-share-more = Share of all requests in the last 24 hours
providers-c-p95 = First content
providers-c-p95-more = 19 of 20 answers of the last 24 hours began within this time (p95)
providers-c-errors = Errors
providers-c-errors-more = Requests of the last 24 hours that ended here with a status of 400 or more. Failures that another provider made good are not among them; the breaker counts those.
providers-c-today = Today
providers-c-limits = Limits in use
providers-c-last = Last call
providers-c-acts = Acts
providers-windows = Share, first content and errors are of the last 24 hours; today began at midnight in { $zone }.
providers-more-urls = + { $count ->
    [one] { $count } address
   *[other] { $count } addresses
}
providers-measured = { $count ->
    [0] no answers were measured
    [one] of { $count } answer
   *[other] of { $count } answers
}
providers-of-requests = { $count ->
    [0] no requests
    [one] of { $count } request
   *[other] of { $count } requests
}
providers-calls = { $count ->
    [one] { $count } call
   *[other] { $count } calls
}
providers-sessions = { $count } of { $most } sessions
providers-no-limit = no limit
providers-usual = as usual
providers-never = not in 7 days
providers-since = since
providers-until = until

providers-state-ready = ready
providers-state-disabled = switched off
providers-state-off-duty = outside its hours
providers-state-open = breaker open
providers-state-half-open = on probation
providers-state-cooling = asked to wait
providers-state-resting = others first
providers-state-no-endpoint = no address
providers-state-bad-proxy = proxy’s address

providers-why-open = { $count ->
    [one] { $count } failure in a row
   *[other] { $count } failures in a row
}
providers-why-half-open = A few requests try it, after { $count ->
    [one] { $count } failure in a row
   *[other] { $count } failures in a row
}
providers-why-failing = { $count } of { $most } failures in a row
providers-why-off-duty = It serves in its hours only; requests go elsewhere until they begin
providers-why-cooling = The vendor asked to be left alone
providers-why-resting = A connection failed, or the vendor was busy
providers-why-bad-proxy = It is never chosen: its proxy’s address cannot be used, and it is not asked directly instead
providers-address-well = in use
providers-address-checked = in use, its last check went well
providers-address-off = switched off
providers-address-open = passed over, it cannot be reached, until
providers-address-half-open = one request tries it
providers-address-failed = its last check failed, so others go first
providers-lacks = says that it does not have { $model }: others go first until
providers-left-requests = vendor: { $left } requests left
providers-left-requests-of = vendor: { $left } of { $most } requests left
providers-left-tokens = { $left } tokens left
providers-left-tokens-of = { $left } of { $most } tokens left
providers-why-unreadable = It serves or redirects fewer models than was meant: { $patterns } cannot be read, and stands for no model
providers-why-unsent-headers = Requests go out without { $headers }: no such header can be sent. Edit the provider to see why
providers-via = through { $proxy }
providers-via-or-direct = through { $proxy }, or directly when that fails
providers-via-untried = not used yet
providers-via-well = worked
providers-via-failed = failed
providers-why-no-endpoint = It is never chosen: it has no address, or all of them are switched off
providers-outcome-provider-fault = the vendor’s fault
providers-outcome-transport-fault = the connection failed
providers-outcome-overloaded = overloaded
providers-outcome-not-found = not found
providers-outcome-client-fault = the client’s fault
providers-outcome-client-gone = the client left
providers-outcome-cut-short = cut short
providers-outcome-success = success

providers-window-5h = 5 h
providers-window-day = day
providers-window-week = week
providers-window-month = month

providers-kind-claude = Anthropic, key as x-api-key
providers-kind-claude-auth = Anthropic, key as Bearer
providers-kind-codex = OpenAI Responses (Codex)
providers-kind-gemini = Google Gemini
providers-kind-gemini-cli = Gemini CLI
providers-kind-openai-compatible = OpenAI Chat and compatible

providers-speaks-claude = Anthropic
providers-speaks-claude-auth = Anthropic, Bearer
providers-speaks-codex = Responses
providers-speaks-gemini = Gemini
providers-speaks-gemini-cli = Gemini CLI
providers-speaks-openai-compatible = Chat

providers-calls-generate = Answers
providers-calls-count-tokens = Token counts
providers-calls-compact = Compaction
providers-calls-embed = Embeddings
providers-preview-none = With an address, this shows where requests would go.

providers-g-basic = Where, and with which key
providers-g-basic-why = This is all that a provider needs.
providers-g-test = Test
providers-g-test-why = Sends one small real request as it stands in this form. It costs next to nothing and is counted nowhere.
providers-g-routing = Routing
providers-g-routing-why = Which requests come here, and when it is this one’s turn.
providers-g-duty = For whom and when
providers-g-duty-short = everybody, always
providers-g-duty-why = Hours, client programs, and another order for some groups. Empty is no restriction.
providers-f-active_time_start = From
providers-f-active_time_end = To
providers-f-active_time_zone = Time zone
providers-h-active_time_zone = An IANA name; empty is the system’s.
providers-h-active_time = Hours and minutes of a day; over midnight when the end is the earlier one. Requests under way at the end are finished.
providers-f-allowed_clients = Only these client programs
providers-h-allowed_clients = One a line: claude-code, claude-code-cli, claude-code-vscode, codex, codex-cli, a part of the user agent, or all of it with *. Claude Code is known by more than its name.
providers-f-blocked_clients = Not these client programs
providers-h-blocked_clients = Goes before the list above.
providers-f-group_priorities = Priority for groups
providers-h-group_priorities = One a line: group = priority. The lowest of a caller’s groups holds instead of the priority above.
providers-g-limits = Limits
providers-g-limits-short = where one is reached, another provider is asked
providers-g-limits-why = What this account may take. At a limit it is passed over until there is room again: requests go to others, or are refused when there is nobody else. Empty or 0 is no limit.
providers-g-patience = Patience
providers-g-patience-why = When this vendor is slower than others, or fails in its own way. Empty is as usual.
providers-g-advanced = Advanced
providers-g-advanced-why = Further addresses, headers, what is passed on.

providers-f-name = Name
providers-h-name = For people who look at this console: admins, and users at their own requests. Clients are never told it.
providers-f-provider_type = Speaks
providers-h-provider_type = What the vendor understands. Requests of clients that speak another language are translated; those of its own pass as they are, and come first.
providers-f-url = Address
providers-h-url = With or without /v1, or the whole address of the endpoint: below is what comes of it.
providers-f-key = Key
providers-h-key = It is kept sealed and never shown again.
providers-key-set = A key is set, it ends with …{ $end }. Leave this empty to keep it.
providers-key-set-short = A key is set. Leave this empty to keep it.
providers-f-credential = Key, token or credential
providers-h-credential = An API key; a bearer token (it begins with ya29., or type “Bearer ” before it); or a Google credential as JSON (authorized_user or service_account), pasted whole. It is kept sealed and never shown again.
providers-keys-at-google = You get an API key at
providers-key-kept = Kept
providers-key-is-api-key = API key
providers-key-is-bearer = Bearer token
providers-key-bearer-ends = It is sent as it is and nobody renews it; Google’s own last an hour.
providers-key-is-service-account = Service account
providers-key-is-authorized-user = A person’s login (authorized_user)
providers-key-is-unusable = A key or credential that cannot be used
providers-key-unusable = Nothing is sent with it: { $why }.
providers-token-got = Token got
providers-token-ends = Token ends
providers-token-none = none yet: the next request gets one
providers-token-trouble = Trouble
providers-credential-refused = The credential is refused: { $why }. Requests go elsewhere; give another one
providers-credential-no-token = No token can be got just now: { $why }
providers-key-again = Keys are not sent back to the browser: type it again.
providers-key-any = Local servers take any key: type something, such as “none”.
providers-keys-at = You get one at
providers-f-is_enabled = In use
providers-h-is_enabled = Off: it stays here and gets no requests.
providers-f-allow_private = Private addresses
providers-h-allow_private = Lets this provider be on this machine or in your own network. For all providers: ALLOW_PRIVATE_PROVIDER_URLS=true.
providers-f-test_model = Model to test with
providers-h-test_model = Empty: one of its models is guessed.
providers-h-test_model-known = Empty: { $model }.
providers-h-test_model-unknown = Needed for a test: which models this vendor has is not known here. “Fetch the vendor’s models” lists them.
providers-f-priority = Priority
providers-h-priority = The lowest goes first.
providers-f-weight = Weight
providers-h-weight = Share among equals, 1 to 100.
providers-f-cost_multiplier = Factor
providers-h-cost_multiplier = On the list price.
providers-f-group_tag = Groups
providers-h-group_tag = Users of these groups may use it. Separate them with commas; empty is the default group.
providers-f-allowed_models = Models
providers-h-allowed_models = One a line; empty is any. A name, a name with * in it, or prefix:, suffix:, contains:, regex: and a text. Others are not sent here.
providers-f-model_redirects = Redirects
providers-h-model_redirects = One a line: the model that is asked for => the model that is sent. The left side may be a pattern as above; exact names go first, then the longest pattern.
providers-f-limit_5h_usd = In 5 hours
providers-f-limit_daily_usd = A day
providers-f-limit_weekly_usd = A week
providers-f-limit_monthly_usd = A month
providers-f-limit_total_usd = In all
providers-f-limit_rpm = Requests a minute
providers-f-limit_tpm = Tokens a minute
providers-h-limit_tpm = Of input and output, cached or not.
providers-f-limit_concurrent_requests = Requests at once
providers-f-limit_concurrent_sessions = Sessions at once
providers-f-five_hour_reset_mode = The 5 hours
providers-reset-5h-fixed = begin with a charge
providers-reset-5h-rolling = are the last 5 hours
providers-f-daily_reset_mode = The day
providers-reset-fixed = starts at a fixed time
providers-reset-rolling = is the last 24 hours
providers-f-daily_reset_time = It starts at
providers-h-daily_reset_time = Hours and minutes in { $zone }.
providers-f-first_byte_timeout_streaming_ms = First content
providers-f-streaming_idle_timeout_ms = Silence in a stream
providers-f-request_timeout_non_streaming_ms = A whole answer
providers-f-max_retry_attempts = Tries
providers-h-max_retry_attempts = At this one, before another is asked.
providers-f-circuit_breaker_failure_threshold = Failures in a row
providers-h-circuit_breaker_failure_threshold = So many open the breaker; 0 switches it off.
providers-f-circuit_breaker_open_duration = Breaker stays open
providers-h-circuit_breaker_open_duration = 1,800,000 ms are 30 minutes.
providers-f-circuit_breaker_half_open_success_threshold = Good tries
providers-h-circuit_breaker_half_open_success_threshold = So many close it again.
providers-f-endpoints = Further addresses
providers-h-endpoints = One a line; tried in this order when no connection can be made to the one before.
providers-f-custom_headers = Headers
providers-h-custom_headers = One a line, added to each request: Name: value
providers-f-disable_session_reuse = Keep no sessions here
providers-h-disable_session_reuse = Each request of a conversation is a draw of its own; the vendor’s prompt cache is of little use then.
providers-f-preserve_client_ip = Pass on the client’s address
providers-h-preserve_client_ip = As X-Forwarded-For.
providers-f-proxy_url = Proxy
providers-h-proxy_url = http://, https://, socks5:// (names are resolved here), socks5h:// (the proxy resolves them) or socks4://, with user:password@ where it asks for them. Tests and lists of models go through it too.
providers-f-proxy_fallback_to_direct = Without the proxy when it fails
providers-h-proxy_fallback_to_direct = The vendor sees this machine’s own address then. Each time is told in the log and in the request’s chain.
providers-f-website_url = Website
providers-f-vendor_name = Vendor
providers-h-vendor_name = Providers of one vendor stand in for each other when a key is at fault. Empty: the site of the address.

providers-g-wishes = Requests
providers-g-wishes-short = as the client says
providers-g-wishes-why = What is put into requests on their way to this provider, whatever the client says, and how much of a request may be lost when the client speaks another format. Only requests in the named format have these parts; each change is named on the request’s row.
providers-g-wishes-anthropic = Anthropic
providers-g-wishes-responses = Responses (Codex)
providers-g-wishes-chat = Chat completions
providers-f-loss_policy = When a format cannot carry all
providers-h-loss_policy = Strict passes this provider over for a request that would lose some of its meaning, and nothing-lost for one that would lose anything. The stricter of the provider’s and the key’s word holds.
providers-f-unknown_effort_preference = How much to think, for models that nobody knows
providers-h-unknown_effort_preference = Of converted requests. The usual form is an effort for OpenAI’s formats and a budget of tokens for Anthropic’s and Gemini’s; a vendor whose models take something else can be told in words of effort, or nothing.
providers-f-anthropic_max_tokens = Longest answer
providers-h-anthropic_max_tokens = In tokens.
providers-f-anthropic_thinking_budget = Thinking budget
providers-h-anthropic_thinking_budget = Tokens, 1,024 at least. It stays below the longest answer.
providers-f-anthropic_adaptive_effort = Adaptive thinking
providers-h-anthropic_adaptive_effort = Goes before a budget.
providers-f-anthropic_adaptive_models = Adaptive thinking only for these models
providers-h-anthropic_adaptive_models = One a line, each with its dated versions. Empty: for all.
providers-f-auto_cache_preference = Cache marks
providers-h-auto_cache_preference = Where a client sets none: at the last tool, the last instruction and the last two turns. Writing costs a quarter more, reading a tenth.
providers-f-cache_ttl_preference = Cache marks last
providers-h-cache_ttl_preference = Marks that are there. The key’s word goes before.
providers-f-context_1m_preference = A context of a million tokens
providers-f-billing_header_preference = Claude Code’s billing block
providers-h-billing_header_preference = It differs in every conversation and breaks the prompt cache of vendors that do not know it. As usual: kept for Anthropic, removed for others.
providers-f-codex_instructions_strategy = Codex’s instructions
providers-h-codex_instructions_strategy = Your own text is a setting (CODEX_INSTRUCTIONS_FILES).
providers-f-codex_reasoning_effort_preference = Reasoning effort
providers-f-codex_reasoning_summary_preference = Reasoning summary
providers-f-codex_text_verbosity_preference = Verbosity
providers-f-codex_parallel_tool_calls_preference = Parallel tool calls
providers-f-codex_service_tier_preference = Service tier
providers-f-codex_image_generation_preference = Image generation
providers-f-gemini_google_search_preference = Google search
providers-f-reasoning_replay_preference = Earlier thinking
providers-h-reasoning_replay_preference = Of converted requests: what the model has thought goes back to it as reasoning_content. Some vendors refuse it, some ask for it in turns that call tools.
providers-f-custom_tools_preference = Tools that take plain text
providers-h-custom_tools_preference = Of converted requests, such as Codex’s apply_patch. OpenAI’s newer models take them as they are, most vendors take functions alone.
providers-wish-no-replay = left out
providers-wish-tool_turns = in turns that call tools
providers-wish-always = always
providers-wish-as-functions = as functions
providers-wish-as-they-are = as they are
providers-wish-inherit = as the client says
providers-wish-usual = as usual
providers-wish-usual-effort = in the usual form
providers-wish-effort = in words of effort
providers-wish-omit = not told
providers-wish-added = added where there are none
providers-wish-inherit-loss = as the key says
providers-wish-auto-instructions = kept; yours where they are refused
providers-wish-no-effort = none
providers-wish-force_official = always yours
providers-wish-keep_original = always the client’s
providers-wish-minimal = minimal
providers-wish-low = low
providers-wish-medium = medium
providers-wish-high = high
providers-wish-xhigh = extra high
providers-wish-max = max
providers-wish-auto = auto
providers-wish-concise = concise
providers-wish-detailed = detailed
providers-wish-true = yes
providers-wish-false = no
providers-wish-default = default
providers-wish-flex = flex
providers-wish-priority = priority
providers-wish-enabled = put in
providers-wish-disabled = taken out
providers-wish-force_enable = always asked for
providers-wish-keep = kept
providers-wish-remove = removed
providers-wish-5m = 5 minutes
providers-wish-1h = an hour
providers-wish-lenient = sent, and told
providers-wish-strict = strict
providers-wish-refuse = nothing lost

providers-models-found = { $count ->
    [one] { $count } model; tick it to add it to the list
   *[other] { $count } models; tick those to add to the list
}
providers-models-none = The vendor’s list is empty.
providers-ask-failed = The question did not get through. If your login has ended, sign in again in another tab and try again here; reloading this page would lose what you have typed.

providers-t-text = Answer
providers-t-said = It said
providers-t-status = Took
providers-t-model = Model
providers-t-tokens = Tokens
providers-t-tokens-of = { $input } in, { $output } out
providers-t-url = Address
providers-t-through = Through

providers-added = { $name } takes part in routing from now on.
providers-added-off = { $name } was added and is not in use: it gets no requests until you switch it on.
providers-saved = { $name } was saved; the next request knows it.
providers-enabled = { $name } is in use again.
providers-disabled = { $name } rests: it gets no new requests.
providers-reset-done = The breaker of { $name } is closed; its failures are forgotten.
providers-removed = { $name } was removed.
providers-remove-question = Remove { $name }?
providers-remove-act = Remove { $name }
providers-remove-routing = From the next request on it is not chosen; sessions that are bound to it go elsewhere.
providers-remove-key = Its key is not used again and cannot be shown.
providers-remove-ledger = Its requests stay in the ledger, with its name. To let it rest instead, go back and choose “Rest”.

providers-wrong-twice = Line { $line }: the same name stands in a line before it.
providers-wrong-half-time = Name both ends, or neither.
providers-wrong-redirect = Line { $line }: write “asked => sent”.
providers-wrong-group-priority = Line { $line }: write “group = priority”, such as “night = 0”.
providers-wrong-header = Line { $line }: write “Name: value”.
providers-no-test-model = Name a model to test with: this vendor’s models are not known here.
providers-unreadable-key = The key was sealed with another secret key. Type it again.

providers-test-works = It works.
providers-test-bad-address = The address cannot be used
providers-then-bad-address = It must start with http:// or https:// and name a host.
providers-test-no-name = The host’s name is unknown
providers-then-no-name = Look for a slip in the address. If it is right, this machine’s name service (DNS) does not know it.
providers-test-private = The address is private, and that is not allowed
providers-then-private = Tick “private addresses” for this provider (allow_private), or set ALLOW_PRIVATE_PROVIDER_URLS=true for all of them.
providers-test-refused = Nobody listens there
providers-then-refused = The machine answers, but not on this port. Is the server running? Is the port right?
providers-test-unreachable = No connection
providers-then-unreachable = A firewall or the network stands between this machine and the vendor.
providers-test-connect-timeout = No connection in time
providers-then-connect-timeout = Nothing answers at this address: a firewall drops it, or the address is wrong.
providers-test-tls = No encrypted connection
providers-then-tls = The certificate is not trusted or does not fit, or the port does not speak TLS. Use http:// where it does not; name your own authority with EXTRA_CA_FILE.
providers-test-timeout = Connected, but no answer in time
providers-then-timeout = The vendor is slow or stuck. Try another model, or again later; API_TEST_TIMEOUT_MS says how long a test waits.
providers-test-broken = The connection broke before an answer
providers-then-broken = Something between here and the vendor closes connections; or the port speaks TLS and the address says http://.
providers-test-not-http = The answer is not HTTP
providers-then-not-http = Another service listens on this port.
providers-test-proxy = The proxy did not let it through
providers-then-proxy = Check the proxy’s address, and its user name and password. A test never goes around the proxy, so it says nothing of the vendor yet.
providers-test-bad-proxy = It was not asked: its proxy’s address cannot be used
providers-then-bad-proxy = Going around it could show the vendor what you meant to hide. Correct the field “Proxy”, or empty it.
providers-test-unable = It could not be asked
providers-then-unable = The program is stopping, or has a fault; look at its log.
providers-test-redirected = It answers with another address
providers-then-redirected = Redirects are not followed, because the key would go along. If you trust the address below, type it instead.
providers-test-wrong-key = The key is not accepted
providers-then-wrong-key = Copy it again, whole and without spaces. Is it of this vendor, and does “Speaks” fit it?
providers-test-forbidden = The key may not do this
providers-then-forbidden = The vendor knows it and says no: the model, the region or the account is not allowed.
providers-test-no-credit = The account has no credit
providers-then-no-credit = Top it up at the vendor.
providers-test-wrong-path = Nothing is served at this address
providers-then-wrong-path = The host is right, the path is not. Compare the address below with the vendor’s documentation; does “Speaks” fit?
providers-test-unknown-model = It does not have this model
providers-then-unknown-model = Address and key are fine. Choose one of its models; “Fetch the vendor’s models” lists them.
providers-test-rate-limited = Too many requests, or the quota is used up
providers-then-rate-limited = Address and key are fine. Wait, or look at the plan of the account.
providers-test-overloaded = The vendor is overloaded
providers-then-overloaded = Address and key are probably fine. Try again in a minute.
providers-test-bad-request = The vendor does not take the request
providers-then-bad-request = Read what it said; some vendors let only certain clients through, and refuse a plain test.
providers-test-server-error = The vendor failed
providers-then-server-error = The fault is on its side. Try again, or look at its status page.
providers-test-html = A web page instead of an answer
providers-then-html = The address leads to a website, or a firewall in front of it asks for a browser. The API’s address is another one.
providers-test-wrong-shape = Something answers, but not as this kind of provider does
providers-then-wrong-shape = Does “Speaks” fit? Is it the API’s address?
providers-test-empty = An empty answer
providers-then-empty = The vendor took the request and said nothing. Try another model.

providers-foreign-address = The kept key is for the address that was kept. Type the key again to ask another one.
providers-unsaved-credential = A credential gets its tokens once it is kept. Save the provider, then test it.
providers-no-token = There is no token to test with: { $why }
providers-foreign-proxy = Without https the proxy would read the kept key. Save the proxy first, or type the key again.
