request-title = 请求 { $id }
request-wait-title = 即将到达
request-wait-text = 该请求仍在进行，或其记录正在写入。本页每两秒自动重新查看。
request-wait-again = 立即查看
request-sent-status = 此时客户端已收到状态 { $status }。
request-error = 错误原文
request-about = 基本信息
request-id = ID
request-model-asked = 请求
request-model-sent = 实际发送
request-model-answered = 应答模型
request-deleted = （已删除）
request-no-provider = 未询问任何供应商
request-asked = 路径
request-op-generate = 生成回答
request-op-count = 计算 token 数
request-op-complete = 旧式补全
request-op-compact = 压缩
request-op-embed = 嵌入
request-op-models = 模型列表
request-op-other = 其他
request-stream = 流式
request-whole = 非流式
request-messages = { $count } 条消息
request-client = 客户端
request-loss-dropped = 转换中丢失
request-loss-approx = 换了说法
request-edits = 请求体
request-edits-none = 逐字节原样发出
request-edit-convert = 由 { $from } 转换为 { $to }
request-edit-fallback = 替换了模型名：由另一个模型代替
request-edit-model = 按供应商的重定向替换了模型名
request-edit-instructions = 以管理员设置的指令替换了客户端的指令
request-edit-session-id = 补全了缺少的 Codex 会话 ID
request-edit-usage = 向供应商请求了流的用量，客户端看不到它
request-edit-masked = 供应商的密钥出现在应答中，已被遮盖
request-edit-beta = 在 anthropic-beta 中加入或去掉了标志
request-edit-billing = 去掉了 Claude Code 的计费块
request-edit-cache-ttl = 缓存标记的时长改成了此处的设置
request-edit-cache-marks = 客户端没有设置缓存标记，已加上
request-edit-max-tokens = 设置了回答的最大长度
request-edit-thinking = 设置了思考
request-edit-effort = 设置了思考强度
request-edit-reasoning-effort = 设置了推理强度
request-edit-reasoning-summary = 设置了推理摘要
request-edit-verbosity = 设置了详细程度
request-edit-parallel = 设置了并行工具调用
request-edit-tier = 设置了服务等级
request-edit-image-tool = 加入或去掉了图像生成工具
request-edit-google-search = 加入或去掉了 Google 搜索
request-edit-input-list = 把 input 变成了列表，该供应商只接受列表
request-edit-project = 以供应商凭据中的项目替换了客户端的项目
request-edit-thinking-off = 关闭了思考：正在应答的工具调用没有该供应商的思考
request-edit-foreign-thinking = 去掉了其他厂商模型的思考
request-edit-mended-signature = 被拒绝后修正：去掉了该供应商不接受的思考
request-edit-mended-budget = 被拒绝后修正：提高了思考预算
request-edit-mended-effort = 被拒绝后修正：思考关闭时去掉了思考强度
request-edit-mended-ids = 被拒绝后修正：去掉了调用的 ID
request-edit-mended-calls = 被拒绝后修正：为没有签名的调用补上了 Google 文档所述的占位签名
request-edit-mended-reasoning = 被拒绝后修正：去掉了其他供应商的思考条目
request-edit-mended-input = 被拒绝后修正：把 input 变成了列表
request-set-for = 用于 { $name }
request-edit-filter = 请求过滤器“{ $name }”
request-notes = 备注
request-refusal = 触发的限额
request-refusal-held = 其中一部分为仍在进行的请求预留，请求结束后会释放。
request-refusal-resets = 重新计算于
request-refusal-retry = 可重试时间：
request-refusal-go = 前往该用户的限额
request-limit-rpm = { $owner ->
    [key] 密钥每分钟请求数：{ $current } / { $limit }。
    [group] 分组 { $name } 每分钟请求数：{ $current } / { $limit }。
    [tag] 标签 { $name } 每分钟请求数：{ $current } / { $limit }。
    [provider] 供应商每分钟请求数：{ $current } / { $limit }。
   *[user] 用户每分钟请求数：{ $current } / { $limit }。
}
request-limit-tpm = { $owner ->
    [key] 密钥每分钟 Token 数：{ $current } / { $limit }。
    [group] 分组 { $name } 每分钟 Token 数：{ $current } / { $limit }。
    [tag] 标签 { $name } 每分钟 Token 数：{ $current } / { $limit }。
    [provider] 供应商每分钟 Token 数：{ $current } / { $limit }。
   *[user] 用户每分钟 Token 数：{ $current } / { $limit }。
}
request-limit-sessions = { $owner ->
    [key] 密钥并发会话：{ $current } / { $limit }。
    [group] 分组 { $name } 并发会话：{ $current } / { $limit }。
    [tag] 标签 { $name } 并发会话：{ $current } / { $limit }。
    [provider] 供应商并发会话：{ $current } / { $limit }。
   *[user] 用户并发会话：{ $current } / { $limit }。
}
request-limit-requests = { $owner ->
    [key] 密钥并发请求：{ $current } / { $limit }。
    [group] 分组 { $name } 并发请求：{ $current } / { $limit }。
    [tag] 标签 { $name } 并发请求：{ $current } / { $limit }。
    [provider] 供应商并发请求：{ $current } / { $limit }。
   *[user] 用户并发请求：{ $current } / { $limit }。
}
request-limit-5h = { $owner ->
    [key] 密钥 5 小时消费：{ $current } / { $limit }。
    [group] 分组 { $name } 5 小时消费：{ $current } / { $limit }。
    [tag] 标签 { $name } 5 小时消费：{ $current } / { $limit }。
    [provider] 供应商 5 小时消费：{ $current } / { $limit }。
   *[user] 用户 5 小时消费：{ $current } / { $limit }。
}
request-limit-daily = { $owner ->
    [key] 密钥每日消费：{ $current } / { $limit }。
    [group] 分组 { $name } 每日消费：{ $current } / { $limit }。
    [tag] 标签 { $name } 每日消费：{ $current } / { $limit }。
    [provider] 供应商每日消费：{ $current } / { $limit }。
   *[user] 用户每日消费：{ $current } / { $limit }。
}
request-limit-weekly = { $owner ->
    [key] 密钥每周消费：{ $current } / { $limit }。
    [group] 分组 { $name } 每周消费：{ $current } / { $limit }。
    [tag] 标签 { $name } 每周消费：{ $current } / { $limit }。
    [provider] 供应商每周消费：{ $current } / { $limit }。
   *[user] 用户每周消费：{ $current } / { $limit }。
}
request-limit-monthly = { $owner ->
    [key] 密钥每月消费：{ $current } / { $limit }。
    [group] 分组 { $name } 每月消费：{ $current } / { $limit }。
    [tag] 标签 { $name } 每月消费：{ $current } / { $limit }。
    [provider] 供应商每月消费：{ $current } / { $limit }。
   *[user] 用户每月消费：{ $current } / { $limit }。
}
request-limit-total = { $owner ->
    [key] 密钥总消费：{ $current } / { $limit }。
    [group] 分组 { $name } 总消费：{ $current } / { $limit }。
    [tag] 标签 { $name } 总消费：{ $current } / { $limit }。
    [provider] 供应商总消费：{ $current } / { $limit }。
   *[user] 用户总消费：{ $current } / { $limit }。
}
request-bill = Token 与费用
request-bill-what = 项目
request-bill-count = 数量
request-bill-rate = 每百万
request-bill-amount = 金额
request-bill-list = 标价
request-bill-provider-factor = 供应商系数
request-bill-group-factor = 分组 { $name } 的系数
request-bill-no-group-factor = 分组系数
request-bill-reasoning = 输出 Token 中有 { $count } 个用于推理。
request-bill-price = { $model } 的价格，版本 { $version }：
request-bill-since = 自
request-bill-version = 价格版本 { $version }；其内容已不存在。
request-bill-priority = 按优先级服务的费率计费。
request-bill-none = 没有计到 Token。
request-price-seed = 随程序附带
request-price-synced = 来自价格表
request-price-manual = 手动设置
request-part-input = 输入
request-part-output = 输出
request-part-write-5m = 缓存写入（5 分钟）
request-part-write-1h = 缓存写入（1 小时）
request-part-read = 缓存读取
request-part-image-input = 图像输入
request-part-image-output = 图像输出
request-part-request = 请求本身（每次）
request-timing = 时间去向
request-timing-none = 在询问任何供应商之前就已结束。
request-bar-try = 第 { $number } 次：{ $name }
request-bar-byte = 到首字节
request-bar-content = 到首次内容
request-bar-rest = 应答其余部分
request-chain = 决策过程
request-chain-none = 没有询问任何供应商。
request-step-at = 开始于
request-step-took = 耗时
request-step-chosen = 选择
request-step-left-out = 排除
request-step-address = 地址
request-step-way = 途径
request-step-answered = 应答
request-step-then = 随后
request-step-now = 现在
request-candidate = 权重 { $weight }，
request-picked = 抽中
request-chosen-sticky = 沿用：此会话之前由该供应商服务，提示缓存也在那里。
request-chosen-only = 优先级 { $priority } 中唯一可用的供应商。
request-chosen-draw = 在优先级 { $priority } 的 { $count } 个供应商中按权重抽取。
request-chosen-converted = 没有使用客户端格式的供应商可用：从优先级 { $priority } 的 { $count } 个其他格式的供应商中抽取，并转换了请求。
request-chosen-again = 再次使用同一供应商：第 { $attempt } 次尝试。
request-replay = 种子 { $seed }，目录版本 { $catalogue }：同样的抽取得到同样的供应商。
request-ruled-client = 错误规则 { $rule }（“{ $pattern }”）：请求本身有误
request-ruled-provider = 错误规则 { $rule }（“{ $pattern }”）：供应商故障
request-ruled-not-found = 错误规则 { $rule }（“{ $pattern }”）：没有所请求的内容
request-ruled-switch = 错误规则 { $rule }（“{ $pattern }”）：立即换用其他供应商并计入熔断
request-way-direct = 代理失败，按供应商设置改为直连

request-answered-well = 状态 { $status }，完整应答
request-answered-instructions = 拒绝了客户端的指令（状态 { $status }）：改用此处设置的指令重试
request-answered-no-socket = 未接受 WebSocket，同一次尝试改用 HTTP 继续
request-answered-not-found = 状态 { $status }：没有该模型或路径
request-answered-client = 状态 { $status }：请求本身有误
request-answered-abort = 客户端中途离开
request-answered-full = 并发会话已满
request-answered-unfit = 未向其发送：请求无法为其转换
request-answered-unsent = 未向其发送：在发出任何内容之前，此次尝试已在本机被拒绝
request-answered-cut = Switchyard 停止时仍在应答：此次尝试由本机中断，不归咎于任何供应商
request-answered-broke = 应答开始后中断
request-answered-unreached = 无法连接，或连接中断
request-answered-silent = 无响应时间过长（记为 { $status }）
request-answered-overloaded = 状态 { $status }：过载，要求等待
request-answered-unusable = 应答不可用（记为 { $status }）
request-answered-error = 状态 { $status }：供应商自身错误
request-answered-failed = 失败
request-then-again = 在同一供应商再试一次。
request-then-not-again = 本应再次尝试同一供应商，但没有进行。
request-then-refused = 已停止：本中继没有做这次尝试。
request-then-other = 转到 { $name }。
request-then-passed = 应答已转发给客户端。
request-then-client = 停止：其他供应商也会给出同样的结果，不归咎于任何供应商。
request-then-truncated = 停止：客户端已收到部分应答，无法重新发送。
request-then-gone = 停止：已无人等待应答。
request-then-cut = 停止：停机的等待时间已过，并已告知客户端。
request-then-nobody = 停止：没有其他可用供应商。
request-then-stopped = 停止：次数或时间已不允许再试。
request-resting-open = 因失败停歇，至少到
request-resting-half-open = 正在试探恢复
request-nobody = 没有可用的供应商
request-nobody-left = 没有其他可用供应商
request-nobody-go = 前往供应商
request-what-success = 由 { $name } 完整应答。
request-what-success-after = 在 { $count } 次失败尝试之后，由 { $name } 完整应答。
request-what-unreadable = 请求无法受理；没有询问任何供应商。
request-what-client-error = 请求本身有误：没有询问其他供应商，也不归咎于任何供应商。
request-what-unfit = 没有询问任何供应商：请求无法转换成可用供应商的格式。
request-what-refused = 在询问供应商之前就被拒绝。
request-what-no-provider = 没有供应商可以受理。
request-what-all-failed = 全部 { $count } 次尝试均失败，客户端未收到任何内容。
request-what-failed = { $name } 失败，客户端未收到任何内容，且没有其他尝试。
request-what-truncated = { $name } 在应答开始后中断。
request-what-client-gone = 客户端在结束前离开。
request-what-cut = Switchyard 被停止，停机的等待时间结束时此请求仍在进行。
request-what-interrupted = Switchyard 先于此请求结束；此记录在下次启动时写入。
request-what-internal = Switchyard 自身出错。
request-do-client-error = 需要修改客户端请求；下方原文说明如何修改。
request-do-unfit = 下方原文说明会丢失什么，或另一种格式无法表达什么。
request-do-unfit-admin = 下方原文说明原因。可以丢失多少由供应商和密钥的设置决定。
request-do-word = 去掉该词后重试，或请管理员将其移出敏感词列表。
request-do-refused = 管理员可以提高限额。
request-do-refused-admin = 提高限额，或等待周期结束。
request-do-no-provider-admin = 下方列出了被排除的供应商及原因。
request-do-again = 已告知客户端稍后重试。
request-do-truncated = 客户端通常会自动重新发送。
request-do-cut = 客户端通常会自动重新发送。延长等待时间（SHUTDOWN_GRACE_SECONDS）可让更长的应答完成。
request-do-interrupted = 供应商处的费用未知。
request-do-internal = 日志中以此 ID 记录了原因。
request-told = 客户端收到：
request-do-no-providers-at-all = 没有任何供应商。请添加一个。
