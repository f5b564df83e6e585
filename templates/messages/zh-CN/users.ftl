users-title = 用户
users-create = 新建用户
users-create-do = 创建用户
users-none = 还没有用户
users-none-then = 用户是发送请求的人或程序。新建用户时会同时生成第一个密钥，并给出 Claude Code、Codex、Gemini CLI、OpenCode 和 curl 的现成配置。
users-search = 名称、备注或标签
users-search-go = 搜索
users-search-failed = 搜索失败，请按回车重试。
users-shown = { $count ->
    [0] 没有找到用户
   *[other] { $count } 个用户
}
users-none-found = 没有名称、备注或标签包含“{ $part }”的用户
users-all = 显示全部用户
users-name = 名称
users-state = 状态
users-state-active = 正常
users-state-off = 已停用
users-state-expired = 已过期
users-groups = 分组
users-keys = 密钥
users-key = 密钥
users-requests-today = 今日请求
users-cost-today = 今日费用
users-limits = 限额
users-last = 最近使用
users-never = 从未
users-admin = 管理员
users-no-limit = 不限

users-words-5h = 5 小时 { $amount }
users-words-daily = 每日 { $amount }
users-words-weekly = 每周 { $amount }
users-words-monthly = 每月 { $amount }
users-words-total = 总计 { $amount }
users-words-rpm = 每分钟 { $count } 次请求
users-words-tpm = 每分钟 { $count } 个 Token
users-words-requests = 同时 { $count } 个请求
users-words-sessions = 同时 { $count } 个会话

users-limit = 限额
users-used = 已用
users-of = 上限
users-share = 占比
users-share-of = 已用 { $share }%
users-anew = 重新计算
users-limit-5h = 5 小时
users-limit-daily = 每日
users-limit-weekly = 每周
users-limit-monthly = 每月
users-limit-total = 总计
users-limit-rpm = 每分钟请求数
users-limit-tpm = 每分钟 Token 数
users-limit-requests = 并发请求数
users-limit-sessions = 并发会话数
users-moves-5h = 始终为最近 5 小时
users-moves-day = 始终为最近 24 小时
users-moves-minute = 始终为最近 1 分钟
users-moves-never = 不会
users-moves-requests = 请求结束时
users-moves-sessions = 会话结束时
users-mode = 每日的计法
users-mode-fixed = 在固定时刻开始
users-mode-rolling = 始终为最近 24 小时
users-reset-time = 每日开始时刻
users-reset-time-hint = 时区：{ $zone }。

users-add-key = 添加密钥
users-edit = 编辑
users-remove = 删除
users-requests = 请求
users-switch-off = 停用
users-switch-on = 启用
users-acts = 操作
users-expires = 到期时间
users-expires-never = 永不
users-ends = { $when }到期
users-models = 只允许这些模型
users-keys-title = { $count } 个密钥
users-key-no-login = 不能登录此处
users-own-limits = 自身限额
users-no-own-limit = 同用户
users-key-settings = 配置
users-limits-title = 限额
users-held = 另有 { $amount } 为进行中的请求预留。
users-limits-note = 用户的限额按其全部密钥合计。

users-back = 用户
users-new-title = 新建用户
users-new-lead = 只需填写名称。创建后立即得到第一个密钥和各客户端的现成配置。
users-edit-title = 编辑 { $name }
users-who = 基本信息
users-name-hint = 显示在列表和每条请求中，可以重名。
users-note = 备注
users-tags = 标签
users-tags-hint = 用逗号分隔，可在用户列表中搜索。
users-limits-default = 默认每日 $100、每分钟 100 次请求
users-limits-why = 按用户的全部密钥合计。金额留空表示不限。
users-rpm-hint = 1 至 1,000,000。
users-access = 访问
users-access-default = 全部模型、默认分组、永不到期
users-groups-hint = 只使用这些分组的供应商。留空为 default，* 为全部；多个用逗号分隔。
users-expires-hint = 留空表示永不到期。时区：{ $zone }。
users-models-hint = 每行一个完整名称。留空表示供应商提供的所有模型。
users-blocked-models = 禁用的模型
users-blocked-hint = 每行一个。无论其他设置如何，一律拒绝。
users-clients = 只允许这些客户端
users-clients-hint = 每行一个：程序名、User-Agent 的一部分，或带 * 的完整 User-Agent（claude-code、codex、opencode/1.*）。留空表示不限。
users-blocked-clients = 禁用的客户端
users-save = 保存
users-created = 已创建 { $name }，下面是其第一个密钥。
users-saved = 已保存 { $name }。
users-switched-on = { $name } 又可以发送请求了。
users-switched-off = 已停用 { $name }，其全部密钥均不可用。
users-remove-title = 删除 { $name }？
users-remove-keys = { $count ->
    [0] 没有密钥会失效。
   *[other] { $count } 个密钥立即失效：{ $names }。
}
users-remove-rows = { $count ->
    [0] 账本中没有其请求。
   *[other] 其 { $count } 条请求保留在账本和所有统计中。
}
users-remove-final = 此操作无法撤销。如只想暂停，请改为停用。
users-remove-do = 删除 { $name }
users-removed = 已删除 { $name }。
