dashboard-title = 仪表盘
dashboard-welcome = 欢迎
dashboard-welcome-lead = 只需三步，第一个请求就能通过。
dashboard-step-provider = 添加供应商
dashboard-step-provider-why = 请求发往哪里：供应商的地址，以及它给你的密钥。
dashboard-step-user = 创建用户
dashboard-step-user-why = 谁可以发送请求。每个用户有自己的密钥，也可以设置限额。
dashboard-step-client = 让客户端指向这里
dashboard-step-client-why = 客户端改用此地址和用户的密钥，不再使用供应商的。第一个请求到达后，本页会自动变化。
dashboard-step-done = 已完成
dashboard-add-provider = 添加供应商
dashboard-add-user = 创建用户
dashboard-to-keys = 查看用户与密钥
dashboard-client-yours = 你还没有发送过请求。把此地址和你的密钥交给客户端：

dashboard-figures = 今日数字
dashboard-today-in = 今天，按 { $zone } 的时间
dashboard-requests = 今日请求
dashboard-spend = 今日花费
dashboard-sessions = 活跃会话
dashboard-errors = 今日错误
dashboard-errors-others = 另有 { $count } 个被拒绝或客户端请求有误
dashboard-yesterday = 昨日同期：
dashboard-in-flight = { $count ->
    [0] 没有正在进行的请求
   *[other] { $count } 个请求正在进行
}
dashboard-unpriced-sum = 未计入 { $count } 个没有价格的请求
dashboard-unmetered-sum = 未计入 { $count } 个用量未知的请求
dashboard-first-content = 今日首个内容：一半在 { $p50 } 之内，95% 在 { $p95 } 之内（共测得 { $count } 个请求）
dashboard-first-content-none = 首个内容：今天还没有测得

dashboard-metric = 图表内容
dashboard-metric-requests = 请求
dashboard-metric-spend = 花费
dashboard-metric-tokens = Token
dashboard-metric-latency = 首个内容
dashboard-by = 拆分方式
dashboard-by-none = 全部
dashboard-by-provider = 供应商
dashboard-by-user = 用户
dashboard-by-model = 模型
dashboard-range = 图表时段
dashboard-range-today = 今天
dashboard-range-day = 24 小时
dashboard-range-week = 7 天
dashboard-range-month = 30 天
dashboard-chart-requests = 请求
dashboard-chart-spend = 花费
dashboard-chart-tokens = Token
dashboard-chart-latency = 首个内容的等待时间
dashboard-line-served = 成功
dashboard-line-refused = 被拒绝或请求有误
dashboard-line-failed = 失败
dashboard-line-spend = 花费
dashboard-line-input = 输入
dashboard-line-output = 输出
dashboard-line-cache-write = 缓存写入
dashboard-line-cache-read = 缓存读取
dashboard-line-p50 = 一半请求不超过
dashboard-line-p95 = 95% 请求不超过
dashboard-line-others = 其余全部
dashboard-line-nobody = 无供应商
dashboard-line-no-model = 未指明模型

dashboard-strips = 供应商，最近四小时
dashboard-cell-good = 失败少于 5%
dashboard-cell-warn = 部分失败
dashboard-cell-bad = 一半及以上失败
dashboard-cell-unknown = 未被请求
dashboard-cell = { $from }–{ $to }：{ $requests ->
    [0] 未被请求
   *[other] { $requests } 个请求，{ $errors } 个失败
}
dashboard-strip-sum = { $requests } 个请求，{ $errors } 个失败
dashboard-strip-none = 未被请求
dashboard-provider-off = 已停用
dashboard-provider-resting = 暂停中
dashboard-provider-probed = 试探中

dashboard-feed = 最新请求
dashboard-feed-all = 全部请求
dashboard-feed-none = 还没有请求。
dashboard-feed-time = 时间
dashboard-feed-status = 状态
dashboard-feed-model = 模型
dashboard-feed-user = 用户
dashboard-feed-provider = 供应商
dashboard-feed-cost = 花费
dashboard-feed-took = 用时

dashboard-no-provider = 没有任何供应商：所有请求都会被拒绝。
dashboard-all-off = 所有供应商都已停用：所有请求都会被拒绝。
dashboard-all-resting = 所有供应商都因失败而暂停：再次尝试之前，请求都会被拒绝。
dashboard-failing = 最近五分钟内有 { $faults } 个请求失败，{ $served ->
    [0] 没有一个成功
   *[other] { $served } 个成功
}。
dashboard-open = { $name } 连续失败 { $failures } 次（最近一次：{ $cause }），自 { $since } 起不再收到请求；{ $until } 起会再次尝试。
dashboard-open-short = { $name } 连续失败 { $failures } 次（最近一次：{ $cause }）后不再收到请求；{ $until } 起会再次尝试。
dashboard-probed = { $name } 此前失败过多（最近一次：{ $cause }），正在用单个请求试探。
dashboard-unpriced = 今天有 { $requests } 个请求没有价格，未计入任何合计：{ $models }{ $more ->
    [0] {""}
   *[other] {"，以及另外 "}{ $more }{" 个模型"}
}。
dashboard-to-providers = 供应商
dashboard-to-provider = 查看
dashboard-to-failed = 查看失败的请求
dashboard-to-prices = 价格
