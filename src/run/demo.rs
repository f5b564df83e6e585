//! The steps of the start that a demonstration adds: sample data before the counters are restored,
//! live traffic once requests may come.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;
use switchyard_actors::system::Core;

use super::{Basics, Parts, Show, reachable};
use crate::demo::{self, ADMIN_TOKEN, Sample, Traffic};
use crate::store::{Cipher, Store};

/// Says what the demonstration leaves alone.
pub fn begin(show: &Show) {
    for variable in &show.ignored {
        tracing::warn!(
            setting = variable.as_str(),
            "{variable} is set and ignored: the demo keeps everything in a temporary directory"
        );
    }
}

/// Fills the store, where this is a demonstration.
pub async fn furnish(
    basics: &Basics,
    core: &Core,
    store: &Store,
    cipher: &Cipher,
) -> anyhow::Result<Option<Sample>> {
    if !basics.demo {
        return Ok(None);
    }
    let began = basics.clock.now();
    let sample = demo::furnish(core, store, cipher).await?;
    let took = basics.clock.now().since(began);
    tracing::info!(
        rows = sample.rows,
        took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "the demo has {} sample requests of 30 days",
        sample.rows,
    );
    Ok(Some(sample))
}

/// Begins the live traffic and tells the person where to look; nothing where there is no sample.
pub fn perform(
    basics: &Basics,
    parts: &Parts,
    address: SocketAddr,
) -> anyhow::Result<Option<Traffic>> {
    let Some(sample) = parts.sample() else { return Ok(None) };
    // Until a slot is counted, its figures are summed from its rows: nobody has to wait for this.
    parts.roll_up();
    let shown = reachable(address);
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "The demo is at http://{shown}\nLog in with the key: {ADMIN_TOKEN}\nEverything in it is \
         sample data, and all of it is gone when this program ends (Ctrl-C)."
    )
    .and_then(|()| out.flush())
    .context("the demo's address cannot be printed")?;
    let (now, seed) = (basics.clock.now(), basics.luck.seed());
    Ok(Some(Traffic::start(shown, sample, now, seed)))
}
