//! The program under measurement: the real executable, as a process of its own.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::client::{self, Connection};
use crate::database::Database;

/// How long the program may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// One address makes all the calls, for few people.
const UNLIMITED: [(&str, &str); 5] = [
    ("QUOTA_CALLS", "1000000000"),
    ("QUOTA_SEARCHES", "1000000000"),
    ("QUOTA_VISITOR_CALLS", "1000000000"),
    ("QUOTA_SIGN_IN_PAGES", "1000000000"),
    ("QUOTA_SIGN_UPS", "1000000000"),
];

/// `datapass serve`, running.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From the start of the process to its first answer.
    pub start_up: Duration,
}

impl Server {
    /// Starts the program on that database and waits for its first answer.
    pub async fn start(program: &Path, database: &Database) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(program);
        command
            .arg("serve")
            .env_clear() // Nothing of the developer's own settings.
            .env("HOST", address.ip().to_string())
            .env("PORT", address.port().to_string())
            .env("DATA_DIR", database.directory())
            .env("DATABASE_URL", &database.url)
            .env("WEBHOOK_ALLOWED_NETWORKS", "127.0.0.0/8")
            .env("DNS_SERVERS", "off") // The domains of made-up people do not exist.
            .envs(UNLIMITED);
        Self::run(command, address, database.directory(), "/api/ping").await
    }

    /// Starts the server of the line « one statement ».
    pub async fn of_statements(database: &Database) -> Result<Self> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--bench", "--statement-server", &address.to_string(), "--database", &database.url]);
        Self::run(command, address, database.directory(), "/1").await
    }

    async fn run(mut command: Command, address: SocketAddr, directory: &Path, ping: &str) -> Result<Self> {
        let log = directory.join("server.log");
        let started = Instant::now();
        let child = command
            .current_dir(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&log)?)
            .spawn()
            .context("the executable does not start")?;
        let mut server = Self { child, address, start_up: Duration::ZERO };
        while !answers(address, ping).await {
            if server.child.try_wait()?.is_some() || started.elapsed() > PATIENCE {
                bail!("the server does not answer: {}", fs::read_to_string(&log).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.start_up = started.elapsed();
        Ok(server)
    }

    /// Memory of the process, in bytes: resident now, and at its highest.
    pub fn memory(&self) -> Result<(u64, u64)> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse().ok());
            kilobytes.map(|kilobytes: u64| kilobytes * 1024).with_context(|| format!("no {name} in /proc"))
        };
        Ok((of("VmRSS:")?, of("VmHWM:")?))
    }

    /// From now on, the highest is that of what follows (`clear_refs` in proc(5)).
    pub fn forget_highest(&self) -> Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    /// Processor time that the process has used so far.
    pub fn processor_time(&self) -> Result<Duration> {
        processor_time(self.child.id())
    }
}

/// Processor time that a process has used so far.
pub fn processor_time(process: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The second field, the name in brackets, may hold spaces; user and system time are the 14th and 15th.
    let (_, fields) = stat.rsplit_once(')').context("/proc/…/stat")?;
    let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|text| text.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 10)) // Linux counts in hundredths of a second.
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

async fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = async {
        let mut connection = Connection::open(address).await?;
        connection.send(&client::get(path, None)).await
    };
    ask.await.is_ok_and(|status| status == 200)
}

/// Share of the machine's processors that was busy in that time, in percent.
pub async fn busy(time: Duration) -> Result<f64> {
    let read = || -> Result<(u64, u64)> {
        let stat = fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().context("/proc/stat")?;
        let ticks: Vec<u64> = line.split_whitespace().skip(1).filter_map(|text| text.parse().ok()).collect();
        let idle = ticks.iter().skip(3).take(2).sum();
        Ok((ticks.iter().sum(), idle))
    };
    let (total, idle) = read()?;
    tokio::time::sleep(time).await;
    let (total_after, idle_after) = read()?;
    let passed = total_after.saturating_sub(total).max(1);
    Ok(100.0 - 100.0 * idle_after.saturating_sub(idle) as f64 / passed as f64)
}
