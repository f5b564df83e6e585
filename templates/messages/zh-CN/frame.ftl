frame-name = Switchyard
frame-skip = 跳到正文
frame-demo = 这里的一切都是示例数据，程序结束后即消失。
frame-rooms = 导航
frame-preferences = 外观与账户
frame-theme = 主题
frame-theme-system = 跟随系统
frame-theme-light = 浅色
frame-theme-dark = 深色
frame-language = 语言
frame-log-out = 退出登录
frame-version = 版本 { $version }
frame-zone = 时间均为 { $zone } 时区
frame-close = 关闭
frame-cancel = 取消
frame-copy = 复制
frame-copied = 已复制
frame-done = 已完成。
frame-new-rows = { $count } 条新请求

nav-dashboard = 仪表盘
nav-requests = 请求
nav-providers = 供应商
nav-users = 用户
nav-prices = 价格

health-good = 一切正常
health-good-more = 请求正常处理，记录正常写入。
health-degraded = 部分降级
health-down = 未就绪
health-nobody = 无法处理请求
health-failing = 请求失败
health-breakers = { $count } 个供应商暂停中
health-ask = 请联系此中继的管理者。
health-breakers-more = 查看哪些供应商暂停及原因

reason-admin-token = 本节点的管理令牌与另一个节点的不同：请让所有节点使用同一个令牌，然后发送 SIGHUP 或重启。
reason-catalogue = 无法读取用户、密钥、供应商和设置的更改：继续使用之前的内容。
reason-journal-slow = 磁盘缓慢：写入日志（journal）需要 100 毫秒以上。
reason-journal = 日志（journal）无法写入或已满，新请求会被拒绝：请在数据目录所在磁盘上腾出空间。
reason-ledger = 记录无法写入数据库，暂存在日志（journal）中。
reason-limits = ENABLE_RATE_LIMIT 已关闭：只统计限额，不拒绝任何人。
reason-network = 多个主机无法连接，且没有一个应答：本机的网络似乎中断，不计入任何供应商的失败。
reason-nodes = 多个节点使用同一个数据库，却各自统计限额：有几个节点，限额就可能被超过几倍。
reason-patterns = 某个供应商的模型或重定向中有无法识别的匹配式，它不起作用。
reason-prices = 模型价格不是最新的：无法获取价格表，原因见日志。
reason-redis = Redis 没有应答：每个节点各自统计限额，各用剩余额度中自己的一份。
reason-roll-ups = 部分时段的汇总无法预先计算，其数字改为逐行相加，耗时较长。
reason-rows = 数据库拒绝了部分记录。它们暂存在日志（journal）中并会重试；原因见服务日志。
reason-start = 进程正在启动，新请求应转往别处。
reason-stop = 进程正在停止，新请求应转往别处。
reason-worker = 一个工作线程无法打开它的日志（journal）：请检查数据目录所在的磁盘。
reason-degraded = 有部分工作不正常：{ $reason }。
reason-down = 新请求应转往别处：{ $reason }。

keys-title = 快捷键
keys-search = 搜索
keys-rows = 下一行、上一行
keys-this = 显示本列表

table-pages = 分页
table-first = 第一页
table-next = 下一页

form-optional = 可选
form-changed-meanwhile = 您打开此页之后，其他人已修改过它。您填写的内容保留在下方，尚未保存；再次保存会覆盖现有内容。重新打开此页可查看现有内容。
form-wrong = 有 { $count } 个字段需要修改，尚未保存。

time-now = 刚刚
time-seconds-ago = { $count } 秒前
time-minutes-ago = { $count } 分钟前
time-hours-ago = { $count } 小时前
time-days-ago = { $count } 天前
time-in-seconds = { $count } 秒后
time-in-minutes = { $count } 分钟后
time-in-hours = { $count } 小时后
time-in-days = { $count } 天后
