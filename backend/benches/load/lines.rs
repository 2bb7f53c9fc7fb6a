//! What is measured: each line of the table, as requests to send.

use anyhow::{Context as _, Result};
use datapass::db::Db;
use datapass::ids::EnrollmentId;
use serde_json::{Value, json};
use shared::workflow::{Action, Status};

use crate::client::{Connection, Request, encoded, get, patch};
use crate::draft::SHARED_OFFICER;
use crate::measure::Plan;
use crate::population::{Population, sign_in, sign_in_as, staff};
use crate::random::Random;
use crate::server::Server;

/// The API whose instructor is looked over the shoulder: the one most asked for.
const API: &str = "api_particulier";

/// Démarches that a role is limited to.
const DEMARCHES: &str = "agora-plus,abelium,ccas-arpege";

/// What waits for an instructor.
const QUEUE: &str = "/api/enrollments?status=submitted&sort=waiting_from";

/// Requests, search words or people that a line takes in turn.
const VARIETY: usize = 500;

/// Requests that are decided in turn. Each needs a session of its applicant.
const DECIDED: usize = 160;

/// What a line is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// A share of the answers of the line « one statement », in percent.
    Share { sqlite: f64, postgres: f64 },
    /// The same latency in a large database as in a small one.
    Flat,
    /// Nothing: it is shown.
    None,
}

/// What a server of nothing but one statement answers: see [`crate::statement`].
pub const ONE_STATEMENT: &str = "one statement by key";

/// Every line, in the order of the table. The first two are what the others are compared with.
pub const LINES: &[(&str, Goal)] = &[
    ("bare answer (`/api/ping`)", Goal::None),
    (ONE_STATEMENT, Goal::None),
    ("one request", Goal::Share { sqlite: 60.0, postgres: 40.0 }),
    ("its history", Goal::None),
    ("instructor’s list: first page", Goal::Share { sqlite: 35.0, postgres: 35.0 }),
    ("instructor’s list: submitted only", Goal::Flat),
    ("instructor’s queue: longest wait first", Goal::Flat),
    ("queue of some démarches: longest wait first", Goal::Flat),
    ("queue of all but these: longest wait first", Goal::Flat),
    ("instructor’s queue: counts", Goal::None),
    ("instructor’s list: by name of organisation", Goal::Flat),
    ("instructor’s list: a page halfway", Goal::Flat),
    ("search: a place", Goal::Flat),
    ("search: a place with a typing error", Goal::Flat),
    ("search: a number", Goal::Flat),
    ("search: “commune” (half of all)", Goal::Flat),
    ("applicant’s own list", Goal::Flat),
    // It grows with what they may see: 20 requests in a thousand, 2 000 in 100 000.
    ("list of a person named in 2 % of requests", Goal::None),
    ("administrator’s list: first page", Goal::Flat),
    ("public list: first page", Goal::Flat),
    ("public list: search a place", Goal::Flat),
    ("register page: first page", Goal::Flat),
    ("register page: of a provider", Goal::Flat),
    ("register page: search a place", Goal::Flat),
    ("register feed", Goal::Flat),
    ("statistics, all", Goal::Flat),
    ("statistics, one API", Goal::Flat),
    ("decision, then a new submission", Goal::None),
];

/// The cookies of those who call.
pub struct Callers {
    instructor: String,
    /// Whose role is limited to [`DEMARCHES`].
    of_demarches: String,
    /// Whose role is limited to the others.
    of_others: String,
    administrator: String,
    applicant: String,
    named: String,
    /// Number, and cookie of the applicant, of each request to decide.
    decided: Vec<(EnrollmentId, String)>,
}

impl Callers {
    /// The cookie of who sees every request.
    pub fn administrator(&self) -> &str {
        &self.administrator
    }

    /// Signs everybody in.
    pub async fn sign_in(db: &Db, population: &Population) -> Result<Self> {
        let roles = ["instructor", "reporter", "subscriber"].map(|role| format!("{API}:{role}"));
        let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
        let (busiest, _) = population.busiest().context("nobody files")?;
        let mut named = staff("dpo");
        SHARED_OFFICER.clone_into(&mut named.email);
        let mut decided = Vec::new();
        let submitted = |status| status == Status::Submitted;
        for request in population.of(API, submitted).take(DECIDED) {
            let (applicant, _) = population.applicants.get(request.applicant).context("nobody filed it")?;
            decided.push((request.id, sign_in(db, *applicant).await?));
        }
        Ok(Self {
            instructor: sign_in_as(db, staff("instruction"), &roles).await?,
            of_demarches: sign_in_as(db, staff("equipe"), &[&format!("{API}:instructor:only:{DEMARCHES}")]).await?,
            of_others: sign_in_as(db, staff("fournisseur"), &[&format!("{API}:instructor:except:{DEMARCHES}")]).await?,
            administrator: sign_in_as(db, staff("administration"), &["administrator"]).await?,
            applicant: sign_in(db, *busiest).await?,
            named: sign_in_as(db, named, &[]).await?,
            decided,
        })
    }
}

/// The requests of every line of [`LINES`], in the same order.
pub async fn plans(server: &Server, population: &Population, callers: &Callers) -> Result<Vec<Plan>> {
    let mut random = Random::new(7);
    let instructor = Some(callers.instructor.as_str());
    let list = |query: &str| get(&format!("/api/enrollments{query}"), instructor);

    let visible: Vec<EnrollmentId> =
        population.of(API, |status| status != Status::Archived).map(|request| request.id).collect();
    let places: Vec<&str> = population.places().collect();
    let ids: Vec<EnrollmentId> = (0..VARIETY).map(|_| *random.pick(&visible)).collect();
    let places: Vec<String> = (0..VARIETY).map(|_| random.pick(&places).to_lowercase()).collect();
    let each = |path: &dyn Fn(EnrollmentId) -> String| Plan::of(ids.iter().map(|id| get(&path(*id), instructor)));
    let one = |request: Request| Plan::same(&request, VARIETY);
    let cursors = halfway(server, instructor, visible.len()).await?;

    Ok(vec![
        one(get("/api/ping", None)),
        each(&|id| format!("/{id}")),
        each(&|id| format!("/api/enrollments/{id}")),
        each(&|id| format!("/api/enrollments/{id}/events")),
        one(list("")),
        one(list("?status=submitted")),
        one(list("?status=submitted&sort=waiting_from")),
        one(get(QUEUE, Some(&callers.of_demarches))),
        one(get(QUEUE, Some(&callers.of_others))),
        one(get("/api/enrollments/counts", Some(&callers.instructor))),
        one(list("?sort=nom_raison_sociale")),
        Plan::of(cursors.iter().cycle().take(VARIETY).map(|cursor| list(&format!("?cursor={cursor}")))),
        Plan::of(places.iter().map(|place| list(&format!("?search={}", encoded(place))))),
        Plan::of(places.iter().map(|place| list(&format!("?search={}", encoded(&misspelt(place)))))),
        Plan::of(ids.iter().map(|id| list(&format!("?search={id}")))),
        one(list("?search=commune")),
        one(get("/api/enrollments?mine=true", Some(&callers.applicant))),
        one(get("/api/enrollments", Some(&callers.named))),
        one(get("/api/enrollments", Some(&callers.administrator))),
        one(get("/api/enrollments/public", None)),
        Plan::of(places.iter().map(|place| get(&format!("/api/enrollments/public?search={}", encoded(place)), None))),
        one(get("/public", None)),
        one(get("/public?provider=dinum", None)),
        Plan::of(places.iter().map(|place| get(&format!("/public?search={}", encoded(place)), None))),
        one(get("/api/enrollments/public.atom", None)),
        one(get("/api/stats", None)),
        one(get(&format!("/api/stats?target_api={API}"), None)),
        decisions(callers),
    ])
}

/// The place with two letters of its longest word changed round: nowhere is it written so.
fn misspelt(place: &str) -> String {
    let Some(longest) = place.split('-').max_by_key(|word| word.chars().count()) else { return String::new() };
    let mut letters: Vec<char> = longest.chars().collect();
    let middle = letters.len() / 2;
    // The next pair where both are the same letter.
    let differs = |at: &usize| letters.get(at - 1) != letters.get(*at);
    if let Some(at) = (middle..letters.len()).find(differs) {
        letters.swap(at - 1, at);
    }
    place.replacen(longest, &letters.into_iter().collect::<String>(), 1)
}

/// Cursors of pages in the middle of the instructor's list, found as a person would: page by page.
async fn halfway(server: &Server, session: Option<&str>, rows: usize) -> Result<Vec<String>> {
    const PAGE: usize = 100;

    let mut connection = Connection::open(server.address).await?;
    let mut cursors: Vec<String> = Vec::new();
    for _ in 0..(rows / PAGE).saturating_sub(1) {
        let after = cursors.last().map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let status = connection.send(&get(&format!("/api/enrollments?limit={PAGE}{after}"), session)).await?;
        anyhow::ensure!(status == 200, "the list answers {status}");
        let page: Value = serde_json::from_slice(connection.body())?;
        let Some(next) = page.get("next").and_then(Value::as_str) else { break };
        cursors.push(next.to_owned());
    }
    let (quarter, half) = (cursors.len() / 4, cursors.len() / 2);
    Ok(cursors.into_iter().skip(quarter).take(half.max(1)).collect())
}

/// Changes are asked for, and the request is submitted again: as many decisions as one likes, each with its mail.
fn decisions(callers: &Callers) -> Plan {
    let step = |id: EnrollmentId, session: &str, event: Action, comment: &str| {
        let body = json!({"event": event, "comment": comment});
        patch(&format!("/api/enrollments/{id}/change_state"), Some(session), &body)
    };
    let groups = callers.decided.iter().map(|(id, applicant)| {
        let comment = "Merci de préciser quels agents consultent les données, et pour quel usage.";
        vec![step(*id, &callers.instructor, Action::RequestChanges, comment), step(*id, applicant, Action::Submit, "")]
    });
    Plan::in_groups(groups)
}
