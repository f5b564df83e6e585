//! What is refused alike by several of the use cases of keys.

use crate::app::AppError;

/// Says that there is no such key.
pub fn no_key() -> AppError {
    AppError::refused("refused-no-key", "密钥不存在")
}

/// Says that there is no such user.
pub fn no_user() -> AppError {
    AppError::refused("refused-no-user", "用户不存在")
}

/// Says that a user's keys are not theirs to touch; the contract gives this one no code.
pub fn not_theirs() -> AppError {
    AppError::refused("refused-denied", "无权限执行此操作")
}
