//! `switchyard-bench`: runs the cases and prints what they say. Exit code 1: a target was missed or
//! the machine was too restless.

use std::fs;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use switchyard_bench::compare::{self, Plan, Side, Sides};
use switchyard_bench::driver::Load;
use switchyard_bench::instances::{self, Instance};
use switchyard_bench::nginx::{self, Nginx};
use switchyard_bench::product::{self, Product};
use switchyard_bench::report::{self, Report};
use switchyard_bench::{cases, open_streams, waves};

/// Measures Switchyard against a bare relay.
#[derive(Debug, Parser)]
struct Options {
    /// Cases to run.
    #[arg(long, value_delimiter = ',', default_value = "call,stream,converted,open,waves")]
    cases: Vec<String>,
    /// Valid pairs wanted a case.
    #[arg(long, default_value_t = 7)]
    pairs: usize,
    /// Seconds each half of a pair runs.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// The part of the bare relay's capacity that is driven; the targets hold for 0.3.
    #[arg(long, default_value_t = 0.3)]
    share: f64,
    /// Connections of the call case; the stream case has eight times as many.
    #[arg(long, default_value_t = 64)]
    connections: u32,
    /// Streams open at once.
    #[arg(long, default_value_t = 3_000)]
    streams: u32,
    /// Requests a wave.
    #[arg(long, default_value_t = 10_000)]
    wave: u32,
    /// The program to measure; else the one built beside this one.
    #[arg(long)]
    switchyard: Option<PathBuf>,
    /// Measures a second bare relay in place of Switchyard: the ratios must come out near 1.
    #[arg(long)]
    self_check: bool,
    /// A PostgreSQL with nothing in it: measures Switchyard with it and with `--redis`, too.
    #[arg(long, requires = "redis")]
    dsn: Option<String>,
    /// The Redis of that Switchyard.
    #[arg(long, requires = "dsn")]
    redis: Option<String>,
    /// Where to write everything measured.
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What is judged.
enum Subject {
    Product(Product),
    Bare(Instance),
}

/// All processes of a run.
struct Field {
    mock: Instance,
    bare: Instance,
    subject: Subject,
    shared: Option<Product>,
    nginx: Option<Nginx>,
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    drop(rlimit::increase_nofile_limit(u64::MAX));
    let mut field = Field::start(&options)?;
    field.start_shared(&options)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let report = runtime.block_on(run(&options, &field))?;
    std::io::stdout().write_all(report.table().as_bytes())?;
    if let Some(path) = &options.json {
        fs::write(path, serde_json::to_vec_pretty(&report)?)?;
    }
    Ok(if report.passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run(options: &Options, field: &Field) -> anyhow::Result<Report> {
    let mut report = Report { subject: field.subject.name().to_owned(), ..Report::default() };
    let half = Duration::from_secs_f64(options.seconds);
    let plan = Plan { pairs: options.pairs, half, share: options.share };
    for case in &options.cases {
        match case.as_str() {
            "call" => {
                let sides = field.sides(cases::CALL, options.connections, 0);
                report.comparisons.push(compare::run(case, &sides, plan).await);
            }
            "stream" => {
                let connections = options.connections.saturating_mul(8);
                let sides = field.sides(cases::STREAM, connections, cases::STREAM_FRAMES);
                report.comparisons.push(compare::run(case, &sides, plan).await);
            }
            "converted" => {
                let Subject::Product(product) = &field.subject else { continue };
                let connections = options.connections.saturating_mul(8);
                for (name, sides) in field.conversions(product, connections) {
                    report.comparisons.push(compare::run(name, &sides, plan).await);
                }
            }
            "open" => {
                // Memory is measured on fresh processes: a warm one hides it in what it kept.
                let fresh = Field::start(options)?;
                let sides = fresh.sides(cases::OPEN, 1, cases::OPEN_FRAMES);
                for (name, side) in [("bare", &sides.bare), (field.subject.name(), &sides.subject)]
                {
                    let one = open_streams::run(name, side, options.streams).await;
                    report.open_streams.push(one);
                }
            }
            "waves" => {
                let fresh = Field::start(options)?;
                let side = fresh.sides(cases::CALL, 1, 0).subject;
                report.waves = Some(waves::run(&side, fresh.subject.key(), options.wave).await);
            }
            other => drop(writeln!(std::io::stderr(), "no such case: {other}")),
        }
    }
    Ok(report)
}

impl Field {
    fn start(options: &Options) -> anyhow::Result<Self> {
        let workers = std::thread::available_parallelism()?.get();
        let mock = instances::mock()?;
        let bare = instances::bare(mock.address, workers)?;
        let subject = if options.self_check {
            Subject::Bare(instances::bare(mock.address, workers)?)
        } else {
            let program = options.program()?;
            Subject::Product(product::start(&program, mock.address, workers, &[])?)
        };
        let nginx = nginx::start(mock.address, workers)?;
        Ok(Self { mock, bare, subject, shared: None, nginx })
    }

    /// Starts the one with PostgreSQL and Redis beside the others, when they are named.
    fn start_shared(&mut self, options: &Options) -> anyhow::Result<()> {
        let (Some(dsn), Some(redis)) = (&options.dsn, &options.redis) else { return Ok(()) };
        let workers = std::thread::available_parallelism()?.get();
        let services = [("DSN", dsn.as_str()), ("REDIS_URL", redis.as_str())];
        let program = options.program()?;
        self.shared = Some(product::start(&program, self.mock.address, workers, &services)?);
        Ok(())
    }

    fn sides(&self, model: &str, connections: u32, frames: u64) -> Sides {
        let side = |address: SocketAddr, pid, key: &str| Side {
            load: Load { address, request: cases::request(model, key), connections, frames },
            pid,
        };
        let key = self.subject.key();
        let of = |instance: &Instance| side(instance.address, Some(instance.pid()), key);
        let product =
            |one: &Product| side(one.instance.address, Some(one.instance.pid()), &one.key);
        Sides {
            direct: side(self.mock.address, None, key),
            bare: of(&self.bare),
            subject: of(self.subject.instance()),
            shared: self.shared.as_ref().map(product),
            nginx: self.nginx.as_ref().map(|nginx| of(&nginx.instance)),
        }
    }

    /// The same process on both sides: a stream that passes as it comes, and one that is converted.
    fn conversions(&self, product: &Product, connections: u32) -> [(&'static str, Sides); 2] {
        let pid = Some(product.instance.pid());
        let side = |address, pid, request, frames| Side {
            load: Load { address, request, connections, frames },
            pid,
        };
        let address = product.instance.address;
        let sides = |request, frames| {
            let passed = cases::request(cases::STREAM, &product.key);
            Sides {
                direct: side(self.mock.address, None, passed.clone(), cases::STREAM_FRAMES),
                bare: side(address, pid, passed, cases::STREAM_FRAMES),
                subject: side(address, pid, request, frames),
                shared: None,
                nginx: None,
            }
        };
        let from_chat = cases::request(cases::CHAT_STREAM, &product.key);
        let to_responses = cases::responses_request(cases::STREAM, &product.key);
        [
            (report::CHAT_TO_ANTHROPIC, sides(from_chat, cases::STREAM_FRAMES)),
            (report::ANTHROPIC_TO_RESPONSES, sides(to_responses, cases::RESPONSES_FRAMES)),
        ]
    }
}

impl Options {
    fn program(&self) -> anyhow::Result<PathBuf> {
        self.switchyard.clone().map_or_else(|| instances::sibling("switchyard"), Ok)
    }
}

impl Subject {
    const fn name(&self) -> &'static str {
        match self {
            Self::Product(_) => "switchyard",
            Self::Bare(_) => "second bare",
        }
    }

    const fn instance(&self) -> &Instance {
        match self {
            Self::Product(product) => &product.instance,
            Self::Bare(instance) => instance,
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Product(product) => &product.key,
            Self::Bare(_) => "no-key",
        }
    }
}
