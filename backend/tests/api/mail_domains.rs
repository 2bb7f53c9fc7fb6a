//! Whether the domains of people's addresses take mail is asked of the DNS when a request is submitted: of a server of the
//! tests' own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use datapass::config::Dns;
use serde_json::{Value, json};
use tokio::net::UdpSocket;

use crate::support::{Client, TestApp, complete};

const A: u16 = 1;
const MX: u16 = 15;
const AAAA: u16 = 28;

/// What the server knows of a domain.
enum Zone {
    /// One record of that type.
    Record(u16, Vec<u8>),
    /// It exists and has no record of any use.
    Empty,
    /// It does not exist.
    Missing,
    /// The server fails.
    Failure,
    /// The server says nothing.
    Silence,
}

fn zone(domain: &str) -> Zone {
    match domain {
        "courriels.fr" => Zone::Record(MX, [&[0, 10][..], b"\x04mail\x07exemple\x02fr\x00"].concat()),
        "adresse.fr" => Zone::Record(A, vec![192, 0, 2, 1]),
        "adresse6.fr" => Zone::Record(AAAA, [[0x20, 0x01, 0x0d, 0xb8].as_slice(), &[0; 12]].concat()),
        // RFC 7505.
        "sans-courriel.fr" => Zone::Record(MX, vec![0, 0, 0]),
        "vide.fr" => Zone::Empty,
        "panne.fr" => Zone::Failure,
        "muet.fr" => Zone::Silence,
        _ => Zone::Missing,
    }
}

/// The domain and the type of the question, and where it ends (RFC 1035 § 4.1.2).
fn question(query: &[u8]) -> (String, u16, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8(query[at + 1..end].to_vec()).unwrap().to_lowercase());
        at = end;
    }
    (labels.join("."), u16::from_be_bytes([query[at + 1], query[at + 2]]), at + 5)
}

fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let (domain, kind, end) = question(query);
    let (code, record) = match zone(&domain) {
        Zone::Silence => return None,
        Zone::Failure => (2, None),
        Zone::Missing => (3, None),
        Zone::Record(known, data) if known == kind => (0, Some(data)),
        Zone::Record(..) | Zone::Empty => (0, None),
    };
    let mut answer = query[..2].to_vec();
    answer.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(record.is_some()), 0, 0, 0, 0]);
    answer.extend(&query[12..end]);
    if let Some(data) = record {
        // The name of the question, its type, Internet, a minute.
        answer.extend([0xc0, 12]);
        answer.extend(kind.to_be_bytes());
        answer.extend([0, 1, 0, 0, 0, 60]);
        answer.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        answer.extend(data);
    }
    Some(answer)
}

/// A server, and the domains that it was asked about.
async fn server() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (socket.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let told = asked.clone();
    tokio::spawn(async move {
        let mut query = [0; 1_500];
        loop {
            let (length, from) = socket.recv_from(&mut query).await.unwrap();
            told.lock().unwrap().push(question(&query[..length]).0);
            if let Some(answer) = answer(&query[..length]) {
                socket.send_to(&answer, from).await.unwrap();
            }
        }
    });
    (address, asked)
}

/// A draft whose controller, protection officer and technician have addresses of these domains.
async fn draft(applicant: &Client, domains: [&str; 3]) -> i64 {
    let id = applicant.complete("franceconnect").await;
    let mut people = complete("franceconnect")["team_members"].clone();
    for (person, domain) in people.as_array_mut().unwrap().iter_mut().zip(domains) {
        person["email"] = json!(format!("claude.modele@{domain}"));
    }
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"team_members": people})).await.ok();
    id
}

/// The place of each of these people in what is stored.
async fn places(applicant: &Client, id: i64) -> Vec<usize> {
    let people = applicant.get(&format!("/api/enrollments/{id}")).await.ok()["team_members"].clone();
    let people = people.as_array().unwrap();
    let place = |kind: &Value| people.iter().position(|person| person["type"] == *kind).unwrap();
    complete("franceconnect")["team_members"].as_array().unwrap().iter().map(|person| place(&person["type"])).collect()
}

fn start(dns: Dns) -> TestApp {
    TestApp::start_with(|config| config.dns = dns)
}

#[tokio::test]
async fn a_domain_that_takes_no_mail_is_an_error_at_its_address() {
    let (address, _) = server().await;
    let app = start(Dns::Servers(vec![address]));
    let applicant = app.actor("demandeur", &[]).await;
    for domain in ["inconnu.fr", "vide.fr", "sans-courriel.fr"] {
        let id = draft(&applicant, ["courriels.fr", domain, "adresse.fr"]).await;
        let answer = applicant.step(id, "submit", "").await;
        let place = places(&applicant, id).await[1];
        assert_eq!(answer.fields(), [format!("/team_members/{place}/email: unknown")], "{domain}");
        assert!(answer.text.contains(domain), "{}", answer.text);
    }
    // Each of them at its own place, with all else that is wrong.
    let id = draft(&applicant, ["inconnu.fr", "courriels.fr", "autre.fr"]).await;
    applicant.patch(&format!("/api/enrollments/{id}"), &json!({"intitule": ""})).await.ok();
    let mut wrong = applicant.step(id, "submit", "").await.fields();
    wrong.sort();
    let places = places(&applicant, id).await;
    let mut expected = vec!["/intitule: required".to_owned()];
    expected.extend([places[0], places[2]].map(|place| format!("/team_members/{place}/email: unknown")));
    expected.sort();
    assert_eq!(wrong, expected);
}

#[tokio::test]
async fn a_domain_that_takes_mail_or_does_not_say_is_no_error() {
    let (address, _) = server().await;
    let app = start(Dns::Servers(vec![address]));
    let applicant = app.actor("demandeur", &[]).await;
    for domains in [["courriels.fr", "adresse.fr", "adresse6.fr"], ["panne.fr", "COURRIELS.fr", "adresse.fr"]] {
        let id = draft(&applicant, domains).await;
        applicant.step(id, "submit", "").await.ok();
    }
    let mute = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let closed = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for dns in [Dns::Servers(vec![mute.local_addr().unwrap()]), Dns::Servers(vec![closed]), Dns::Off] {
        let app = start(dns);
        let applicant = app.actor("demandeur", &[]).await;
        let id = draft(&applicant, ["inconnu.fr", "vide.fr", "muet.fr"]).await;
        let begin = Instant::now();
        applicant.step(id, "submit", "").await.ok();
        // Two seconds, and the submission itself on a busy machine.
        assert!(begin.elapsed().as_secs() < 8, "{:?}", begin.elapsed());
    }
}

#[tokio::test]
async fn one_that_is_silent_does_not_hide_what_is_known_of_another() {
    let (address, _) = server().await;
    let app = start(Dns::Servers(vec![address]));
    let applicant = app.actor("demandeur", &[]).await;
    let id = draft(&applicant, ["muet.fr", "inconnu.fr", "courriels.fr"]).await;
    let answer = applicant.step(id, "submit", "").await;
    let place = places(&applicant, id).await[1];
    assert_eq!(answer.fields(), [format!("/team_members/{place}/email: unknown")]);
}

#[tokio::test]
async fn each_domain_is_asked_about_once() {
    let (address, asked) = server().await;
    let app = start(Dns::Servers(vec![address]));
    let applicant = app.actor("demandeur", &[]).await;
    let id = draft(&applicant, ["inconnu.fr", "Inconnu.fr", "courriels.fr"]).await;
    assert!(asked.lock().unwrap().is_empty(), "saving asks nobody");
    for _ in 0..2 {
        assert_eq!(applicant.step(id, "submit", "").await.fields().len(), 2);
    }
    let mut asked = asked.lock().unwrap().clone();
    asked.sort();
    assert_eq!(asked, ["courriels.fr", "inconnu.fr"]);
}
