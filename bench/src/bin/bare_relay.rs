//! `bare-relay LISTEN UPSTREAM WORKERS`: the least a relay can do, as the yardstick.

use std::net::SocketAddr;

use anyhow::Context;
use switchyard_bench::bare;

// The product's allocator: the comparison is of relays, not of allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[actix_web::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |name: &str| arguments.next().with_context(|| format!("missing: {name}"));
    let listen: SocketAddr = next("LISTEN")?.parse()?;
    let upstream = next("UPSTREAM")?;
    let workers: usize = next("WORKERS")?.parse()?;
    bare::serve(listen, upstream, workers).await
}
