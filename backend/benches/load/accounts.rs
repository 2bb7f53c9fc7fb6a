//! What it costs to sign in, and what sessions weigh.

use std::process;
use std::time::Duration;

use anyhow::{Context as _, Result};
use datapass::connection::AnyConnection;
use datapass::connection::types::now;
use datapass::db::Db;
use datapass::email_address::EmailAddress;
use datapass::error::Error;
use datapass::identity::account::password_hash::{hash_password, verify_password};
use datapass::ids::UserId;
use datapass::models::account::{self, NewAccount};
use datapass::models::session::{self, NewSession};
use datapass::schema::sessions;
use datapass::secret;
use diesel::prelude::*;
use reqwest::Client;

use crate::database::Database;
use crate::server::{Server, processor_time};

const EMAIL: &str = "banc@essai.example";
const PASSWORD: &str = "cheval agrafe pile correct";

/// How often the password is given.
const SIGN_INS: u32 = 40;

/// How many sessions are weighed.
const SESSIONS: u32 = 10_000;

/// One line for each. `database` is the one that `server` runs on.
pub async fn measured(server: &Server, database: &Database) -> Result<Vec<String>> {
    drop(datapass::outbound::http()?); // A client of its own panics before one of ours has chosen the cryptography.
    let db = Db::open(&database.url)?;
    let hash = hash_password(PASSWORD.to_owned()).await.map_err(Error::from)?;
    let account = NewAccount {
        email: EmailAddress::parse(EMAIL).context("EMAIL is an address")?,
        email_verified: true,
        password_hash: hash.clone(),
        given_name: "Claude".to_owned(),
        family_name: "Modèle".to_owned(),
        phone_number: String::new(),
        job: String::new(),
        organizations: Vec::new(),
    };
    db.write(move |connection| Ok(account::create(connection, &account, now().naive_utc())?)).await?;
    Ok(vec![sign_in(server, hash).await?, weight(&db, database).await?])
}

/// The processor time of a right password, and of argon2id alone in it.
async fn sign_in(server: &Server, hash: String) -> Result<String> {
    let mut given = Duration::ZERO;
    for _ in 0..SIGN_INS {
        let client = Client::builder().cookie_store(true).build()?;
        let url = format!("http://{}/api/sign_in", server.address);
        let answer = client.get(url).send().await?.error_for_status()?;
        let page = (answer.url().join("/connexion")?, answer.text().await?);
        let (request, token) = (hidden(&page.1, "request")?, hidden(&page.1, "token")?);
        let form = [("request", request.as_str()), ("token", &token), ("email", EMAIL), ("password", PASSWORD)];
        let before = server.processor_time()?;
        let answer = client.post(page.0).form(&form).send().await?.error_for_status()?;
        given += server.processor_time()?.saturating_sub(before);
        anyhow::ensure!(!answer.url().path().contains("connexion"), "the password was not taken");
    }
    let before = processor_time(process::id())?;
    for _ in 0..SIGN_INS {
        anyhow::ensure!(
            verify_password(PASSWORD.to_owned(), Some(hash.clone())).await.map_err(Error::from)?,
            "a wrong hash"
        );
    }
    let alone = processor_time(process::id())?.saturating_sub(before);
    let each = |time: Duration| time.as_secs_f64() * 1_000.0 / f64::from(SIGN_INS);
    Ok(format!(
        "signing in, from the password to the first page: {:.1} ms of processor, of which argon2id {:.1} ms ({:.0} %)",
        each(given),
        each(alone),
        100.0 * alone.as_secs_f64() / given.as_secs_f64(),
    ))
}

/// The authorization request that DataPass makes of its provider, as the page that asks for the password holds it.
pub async fn authorization_request(server: &Server) -> Result<String> {
    let client = datapass::outbound::http()?;
    let mut url = format!("http://{}/api/sign_in", server.address);
    // Redirects lead to the public address, which is this one by another name.
    for _ in 0..5 {
        let answer = client.get(&url).send().await?;
        let Some(location) = answer.headers().get("location") else {
            return hidden(&answer.error_for_status()?.text().await?, "request");
        };
        url = answer.url().join(location.to_str()?)?.into();
    }
    anyhow::bail!("the sign-in leads nowhere")
}

fn hidden(page: &str, name: &str) -> Result<String> {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).context("no such field")?;
    let value = rest.split('"').next().context("no value")?;
    Ok(value.replace("&#x2f;", "/").replace("&amp;", "&"))
}

/// What many sessions take in the database, each with an ID token such as that of the last sign-in.
async fn weight(db: &Db, database: &Database) -> Result<String> {
    let newest = |connection: &mut AnyConnection| {
        let newest = sessions::table.filter(sessions::id_token.ne(Vec::new())).order(sessions::created_at.desc());
        Ok(newest.select((sessions::user_id, sessions::id_token)).first::<(UserId, Vec<u8>)>(connection)?)
    };
    let (user_id, id_token) = db.read(newest).await?;
    let length = id_token.len();
    let before = database.size()?;
    let store = move |connection: &mut AnyConnection| {
        let at = now().naive_utc();
        for _ in 0..SESSIONS {
            let id = secret::new()?;
            let session = NewSession {
                id_hash: secret::hash(&id),
                public_id: id.get(..22).unwrap_or_default().to_owned(),
                user_id,
                id_token: id_token.clone(),
                device: "Firefox sur Windows".to_owned(),
                created_at: at,
                last_seen_at: at,
                expires_at: at + chrono::Duration::hours(12),
                second_factor: false,
                authenticated_at: at,
            };
            session::insert(connection, &session)?;
        }
        Ok(())
    };
    db.write(store).await?;
    let megabytes = database.size()?.saturating_sub(before) as f64 / 1e6;
    Ok(format!("{SESSIONS} sessions, with ID tokens of {length} bytes: {megabytes:.1} MB of the database (goal 10)"))
}
