//! What a request under way knows of the conversion of its present try.

use switchyard_actors::domain::decision::NOT_CONVERTED;
use switchyard_actors::domain::dialect::Dialect;

use super::outgoing::Unfit;
use super::{Conversion, told};
use crate::proxy::flight::Flight;
use crate::wire::convert::loss::Losses;

impl Flight {
    /// Returns the present try's conversion, where there is one.
    #[must_use]
    pub fn conversion(&self) -> Option<&Conversion> {
        self.attempt.as_ref()?.conversion.as_deref()
    }

    /// Returns what the provider of the present try speaks.
    #[must_use]
    pub fn upstream_dialect(&self) -> Dialect {
        let converted = self.conversion().map(|conversion| conversion.to);
        let crossed = || self.crossing().map(|crossing| crossing.to);
        converted.or_else(crossed).unwrap_or(self.arrival.route.dialect)
    }

    /// Notes that a provider is passed over that cannot be asked this request.
    pub fn pass_over(&mut self, unfit: &Unfit) {
        self.losses = told(&unfit.losses);
        self.drop_marks();
        self.note_untried(NOT_CONVERTED, &unfit.refused.message);
    }

    /// Adds what the present try's answer has lost.
    pub fn lose(&mut self, lost: &Losses) {
        let conversion =
            self.attempt.as_mut().and_then(|attempt| attempt.conversion.as_deref_mut());
        if let Some(conversion) = conversion {
            conversion.losses.extend(lost.clone());
        }
    }

    /// Keeps what the present try has lost, for the row.
    pub fn keep_losses(&mut self) {
        let lost = self.conversion().map(|conversion| told(&conversion.losses));
        self.losses = lost.unwrap_or_else(|| std::mem::take(&mut self.losses));
    }
}
