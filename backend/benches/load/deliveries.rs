//! What webhooks cost: decisions while their receivers are up, down, or while much waits for them, and deliveries a second.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chrono::Duration as TimeDelta;
use datapass::connection::AnyConnection;
use datapass::connection::types::{Json, Name, now};
use datapass::db::Db;
use datapass::ids::EnrollmentId;
use datapass::models::outbox::{self, NewMessage, Payload, queue};
use datapass::models::webhook::{self, WebhookRow};
use datapass::models::webhook_delivery;
use datapass::outbound::webhook::new_secret;
use datapass::policies::Policies;
use datapass::schema::outbox as messages;
use diesel::prelude::*;
use serde_json::json;
use shared::webhook::{EVENTS, GrantingEvent, WebhookAttempt, WebhookState};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::database::Database;
use crate::measure::{Load, Plan, Sample, drive};
use crate::report::thousands;
use crate::server::Server;

/// How many deliveries are made for their rate.
const DELIVERIES: usize = 2_000;

/// How many wait for later while decisions are measured.
const WAITING: usize = 100_000;

/// One line for each. `decisions` is the plan of the table's last line; `database` is the one that `server` runs on.
pub async fn measured(server: &Server, database: &Database, decisions: &Plan, load: Load) -> Result<Vec<String>> {
    let db = Db::open(&database.url)?;
    let without = drive(server, decisions, load).await?;
    let (receiver, taken) = receive().await?;
    add(&db, &receiver).await?;
    let up = drive(server, decisions, load).await?;
    let closed = TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    move_to(&db, &format!("http://{closed}/")).await?;
    let down = drive(server, decisions, load).await?;
    clear(&db).await?;
    move_to(&db, &receiver).await?;
    let mut lines = vec![
        compared("a decision, receivers up against no webhook", &up, &without, ""),
        compared("a decision, receivers down against up", &down, &up, " (goal 1.2)"),
        rate(&db, &taken).await?,
    ];
    wait(&db).await?;
    let full = drive(server, decisions, load).await?;
    let name = format!("a decision, {} deliveries waiting against none", thousands(WAITING as f64));
    lines.push(compared(&name, &full, &up, ""));
    Ok(lines)
}

fn compared(name: &str, one: &Sample, other: &Sample, goal: &str) -> String {
    let (one, other) = (one.percentile(0.99), other.percentile(0.99));
    format!("{name}: p99 {one:.2} ms / {other:.2} ms = {:.2}{goal}", one / other)
}

/// A receiver on loopback that takes everything at once: its address, and how many calls it has taken.
async fn receive() -> Result<(String, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/", listener.local_addr()?);
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket, Arc::clone(&counter)));
        }
    });
    Ok((url, taken))
}

async fn answer(mut socket: TcpStream, taken: Arc<AtomicUsize>) {
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16_384]);
    while let Ok(read @ 1..) = socket.read(&mut chunk).await {
        bytes.extend_from_slice(chunk.get(..read).unwrap_or_default());
        // The body is one line of JSON, and the last thing that is sent.
        if bytes.ends_with(b"}") {
            bytes.clear();
            taken.fetch_add(1, Ordering::Relaxed);
            if socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.is_err() {
                return;
            }
        }
    }
}

/// A webhook of each API for every event.
async fn add(db: &Db, url: &str) -> Result<()> {
    let secret = new_secret()?;
    let rows: Vec<WebhookRow> = Policies::open(None)?
        .current()
        .keys()
        .map(|target_api| WebhookRow {
            id: uuid::Uuid::now_v7().to_string(),
            target_api: target_api.clone(),
            url: url.to_owned(),
            events: Json(EVENTS.to_vec()),
            granting_event: Name(GrantingEvent::Approve),
            secret: secret.clone(),
            previous_secret: None,
            state: Name(WebhookState::On),
            disabled_reason: String::new(),
            failing_since: None,
            created_at: now().naive_utc(),
        })
        .collect();
    let insert = move |connection: &mut _| {
        for row in &rows {
            webhook::insert(connection, row)?;
        }
        Ok(())
    };
    Ok(db.write(insert).await?)
}

async fn move_to(db: &Db, url: &str) -> Result<()> {
    let url = url.to_owned();
    let update = move |connection: &mut _| {
        for webhook in webhook::of_apis(connection, None)? {
            let mut row = webhook::find(connection, &webhook.id)?;
            row.url.clone_from(&url);
            webhook::update(connection, &row)?;
            webhook::switch_on(connection, &row.id, now().naive_utc())?;
        }
        Ok(())
    };
    Ok(db.write(update).await?)
}

/// Nothing is left to deliver.
async fn clear(db: &Db) -> Result<()> {
    let pending = diesel::delete(messages::table.filter(messages::delivered_at.is_null()));
    Ok(db.write(move |connection| Ok(pending.execute(connection).map(drop)?)).await?)
}

/// Stores so many messages for a webhook, due then.
fn store(connection: &mut AnyConnection, count: usize, due: TimeDelta) -> datapass::error::Result<()> {
    let webhook = webhook::of_apis(connection, None)?.into_iter().next().ok_or(datapass::error::Error::NotFound)?;
    let enrollments: Vec<EnrollmentId> =
        datapass::schema::enrollments::table.select(datapass::schema::enrollments::id).limit(1_000).load(connection)?;
    for index in 0..count {
        let payload = Payload::Webhook {
            webhook_id: webhook.id.clone(),
            event: "submit".to_owned(),
            body: json!({"event": "submit", "data": {"pass": {"id": index, "intitule": "Tarification de la cantine"}}}),
        };
        let enrollment_id = enrollments.get(index % enrollments.len().max(1)).copied();
        let sequence = i64::try_from(1_000_000 + index).unwrap_or(i64::MAX);
        let message = NewMessage { enrollment_id, sequence, payload, held: false };
        outbox::insert(connection, message, (now() + due).naive_utc())?;
    }
    Ok(())
}

/// Deliveries a second by the server's own worker, against the same inserts and updates alone.
async fn rate(db: &Db, taken: &AtomicUsize) -> Result<String> {
    let before = taken.load(Ordering::Relaxed);
    db.write(|connection| store(connection, DELIVERIES, TimeDelta::zero())).await?;
    let made = || taken.load(Ordering::Relaxed) - before;
    while made() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let started = Instant::now();
    while made() < DELIVERIES {
        anyhow::ensure!(started.elapsed() < Duration::from_secs(120), "deliveries do not end");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let delivered = DELIVERIES as f64 / started.elapsed().as_secs_f64();
    let alone = alone(db).await?;
    Ok(format!(
        "deliveries: {}/s, of {}/s for the same inserts and updates alone ({:.0} %)",
        thousands(delivered),
        thousands(alone),
        100.0 * delivered / alone
    ))
}

/// What a delivery writes, one after the other, without a call: claimed, then logged and delivered.
async fn alone(db: &Db) -> Result<f64> {
    const COUNT: usize = 500;
    let webhook = db.read(|connection| Ok(webhook::of_apis(connection, None)?)).await?;
    let webhook = webhook.into_iter().next().context("no webhook")?.id;
    db.write(|connection| store(connection, COUNT, TimeDelta::hours(1))).await?;
    let then = (now() + TimeDelta::hours(2)).naive_utc();
    let started = Instant::now();
    let mut count = 0;
    loop {
        let until = then + TimeDelta::hours(1);
        let Some(due) = db.write(move |connection| Ok(queue::claim(connection, then, until, 1)?.pop())).await? else {
            break;
        };
        let id = webhook.clone();
        db.write(move |connection| {
            let attempt = WebhookAttempt {
                at: now(),
                milliseconds: 1,
                status: Some(204),
                error: String::new(),
                answer: String::new(),
            };
            webhook_delivery::insert_attempt(connection, &id, &due.id, &attempt)?;
            queue::delivered(connection, &due.id, now().naive_utc())?;
            Ok(webhook::succeeded(connection, &id)?)
        })
        .await?;
        count += 1;
    }
    Ok(f64::from(count) / started.elapsed().as_secs_f64())
}

/// Stores what waits for tomorrow.
async fn wait(db: &Db) -> Result<()> {
    Ok(db.write(|connection| store(connection, WAITING, TimeDelta::days(1))).await?)
}
