//! `bench-upstream LISTEN`: a mock upstream with fixed answers.

use std::net::SocketAddr;

use anyhow::Context;
use switchyard_bench::upstream;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let listen = std::env::args().nth(1).context("missing: LISTEN")?;
    let listen: SocketAddr = listen.parse()?;
    upstream::serve(listen).await
}
