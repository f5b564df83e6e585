//! A change that takes longer to judge than others may be kept waiting for: patterns are compiled, and who
//! holds a transaction holds up all who write.

use super::{AppContext, AppError};
use crate::store::Tx;

/// Opens a transaction in which a row is what it was when its change was judged. `read` reads the row and
/// says what it becomes, `is_news` whether that has to be judged; `judge` has all the time it takes. Returns
/// the row, and what it becomes.
///
/// # Errors
/// Those of `read` and `judge`, and those of the database.
pub(super) async fn open<Old, New: PartialEq>(
    app: &AppContext,
    read: impl AsyncFn(&mut Tx) -> Result<(Old, New), AppError>,
    is_news: impl Fn(&Old, &New) -> bool,
    judge: impl AsyncFn(&Old, &New) -> Result<(), AppError>,
) -> Result<(Tx, Old, New), AppError> {
    let mut known = None;
    loop {
        let mut tx = app.store.begin().await?;
        let (old, new) = read(&mut tx).await?;
        if known.as_ref() == Some(&new) || !is_news(&old, &new) {
            return Ok((tx, old, new));
        }
        drop(tx);
        judge(&old, &new).await?;
        known = Some(new);
    }
}
