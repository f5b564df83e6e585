//! What a request comes to: money and tokens together.

use crate::domain::money::Nano;

/// Money and tokens: held as an estimate while a request runs, charged as the truth at its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Money.
    pub money: Nano,
    /// Tokens of input and output.
    pub tokens: u64,
}

impl Load {
    /// Makes a load of money alone.
    #[must_use]
    pub const fn of_money(money: Nano) -> Self {
        Self { money, tokens: 0 }
    }
}
