//! A key may not be given more than its user has.

use crate::app::AppError;
use crate::store::StoredLimits;

/// Refuses a key's limit above its user's; zero and nothing are "no limit" and compare with none.
pub(in crate::app) fn within(key: &StoredLimits, user: &StoredLimits) -> Result<(), AppError> {
    let amounts = [
        ("limit5hUsd", "5小时", key.spend_5h, user.spend_5h),
        ("limitDailyUsd", "每日", key.daily, user.daily),
        ("limitWeeklyUsd", "周", key.weekly, user.weekly),
        ("limitMonthlyUsd", "月", key.monthly, user.monthly),
        ("limitTotalUsd", "总", key.total, user.total),
    ];
    let amounts =
        amounts.map(|(field, name, key, user)| (field, name, key.map(|n| n.0), user.map(|n| n.0)));
    let sessions = (
        "limitConcurrentSessions",
        "并发 Session",
        key.concurrent_sessions,
        user.concurrent_sessions,
    );
    for (field, name, key, user) in amounts.into_iter().chain([sessions]) {
        let (key, user) = (key.unwrap_or(0), user.unwrap_or(0));
        if key > 0 && user > 0 && key > user {
            let text = format!("Key 的{name}限额不能超过用户限额");
            return Err(AppError::refused("refused-key-over-user", text).at(field));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::money::Nano;

    use super::*;

    fn daily(dollars: Option<i64>) -> StoredLimits {
        StoredLimits { daily: dollars.map(Nano::from_usd), ..StoredLimits::default() }
    }

    #[test]
    fn only_two_real_limits_are_compared() {
        assert!(within(&daily(Some(101)), &daily(Some(100))).is_err());
        for (key, user) in [(Some(100), Some(100)), (Some(101), None), (Some(101), Some(0))] {
            assert!(within(&daily(key), &daily(user)).is_ok());
        }
        assert!(within(&daily(None), &daily(Some(100))).is_ok());
    }

    #[test]
    fn sessions_are_compared_as_well() {
        let sessions = |n| StoredLimits { concurrent_sessions: Some(n), ..StoredLimits::default() };
        assert!(within(&sessions(3), &sessions(2)).is_err());
        assert!(within(&sessions(3), &sessions(0)).is_ok());
    }
}
