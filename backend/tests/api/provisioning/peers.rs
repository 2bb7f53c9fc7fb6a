//! API managers on real sockets, made from what is known of the real ones, with their faults.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

/// What a peer is asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: BTreeMap<String, String>,
    pub authorization: String,
    pub body: Value,
}

/// What a peer has been asked, which of its calls, counted from 1, it answers with 503, and what it holds.
#[derive(Default)]
pub struct Peer<T> {
    pub asked: Vec<Asked>,
    pub fails_at: Option<usize>,
    pub holds: T,
}

/// Runs a peer that answers so; its address.
fn run<T: Send + 'static>(peer: Arc<Mutex<Peer<T>>>, answer: fn(&mut T, &Asked) -> (u16, Value)) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let handler = move |request: HttpRequest, bytes: web::Bytes| {
                let peer = peer.clone();
                async move { respond(&peer, answer, &request, &bytes) }
            };
            let server = HttpServer::new(move || App::new().default_service(web::to(handler.clone())));
            let server = server.workers(1).bind(("127.0.0.1", 0)).unwrap();
            sender.send(server.addrs()[0]).unwrap();
            server.run().await.unwrap();
        });
    });
    format!("http://{}", receiver.recv().unwrap())
}

fn respond<T>(
    peer: &Mutex<Peer<T>>,
    answer: fn(&mut T, &Asked) -> (u16, Value),
    request: &HttpRequest,
    bytes: &[u8],
) -> HttpResponse {
    let asked = Asked {
        method: request.method().to_string(),
        path: request.path().to_owned(),
        query: web::Query::<BTreeMap<String, String>>::from_query(request.query_string()).unwrap().into_inner(),
        authorization: request.headers().get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned(),
        body: serde_json::from_slice(bytes).unwrap_or(Value::Null),
    };
    let mut peer = peer.lock().unwrap();
    peer.asked.push(asked.clone());
    let (status, body) =
        if peer.fails_at == Some(peer.asked.len()) { (503, json!({})) } else { answer(&mut peer.holds, &asked) };
    HttpResponse::build(status.try_into().unwrap()).json(body)
}

/// The accesses of a token manager, by number of the request.
pub type Accesses = BTreeMap<String, Value>;

/// A token manager that speaks the contract.
pub fn token_manager() -> (String, Arc<Mutex<Peer<Accesses>>>) {
    let peer = Arc::new(Mutex::new(Peer::default()));
    let answer = |accesses: &mut Accesses, asked: &Asked| {
        if asked.authorization != "Bearer clef" {
            return (401, json!({}));
        }
        let id = asked.path.strip_prefix("/accesses/").unwrap_or_else(|| panic!("{asked:?}")).to_owned();
        match asked.method.as_str() {
            "PUT" => {
                accesses.insert(id.clone(), asked.body.clone());
                (200, json!({"id": format!("app-{id}"), "link": format!("https://jetons.exemple.fr/{id}")}))
            }
            "DELETE" => accesses.remove(&id).map_or((404, json!({})), |_| (204, json!({}))),
            "GET" => match accesses.get(&id) {
                Some(access) => (200, json!({"active": true, "scopes": access["application"]["scopes"]})),
                None => (404, json!({})),
            },
            _ => panic!("{asked:?}"),
        }
    };
    (run(peer.clone(), answer), peer)
}

/// What `HubEE` holds.
#[derive(Default)]
pub struct Hubee {
    pub organizations: BTreeMap<String, Value>,
    pub subscriptions: Vec<Value>,
}

/// `HubEE`: it tells subscriptions apart by organisation and kind of files, and answers 400 to what is there already.
pub fn hubee() -> (String, Arc<Mutex<Peer<Hubee>>>) {
    let peer = Arc::new(Mutex::new(Peer::default()));
    let answer = |hubee: &mut Hubee, asked: &Asked| {
        if asked.path == "/token" {
            let is_known = asked.authorization.starts_with("Basic ");
            return if is_known { (200, json!({"access_token": "jeton"})) } else { (401, json!({})) };
        }
        assert_eq!(asked.authorization, "Bearer jeton");
        let exists = || (400, json!({"errors": [{"code": 1, "message": "This object already exists"}]}));
        let path = asked.path.strip_prefix("/referential/v1/").unwrap();
        match (asked.method.as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["organizations", id]) => {
                hubee.organizations.get(*id).map_or((404, json!({})), |known| (200, known.clone()))
            }
            ("POST", ["organizations"]) => {
                let text = |name: &str| asked.body[name].as_str().unwrap().to_owned();
                let id = format!("SI-{}-{}", text("companyRegister"), text("branchCode"));
                if hubee.organizations.contains_key(&id) {
                    return exists();
                }
                hubee.organizations.insert(id, asked.body.clone());
                (201, json!({}))
            }
            ("GET", ["subscriptions"]) => (200, json!(found(&hubee.subscriptions, asked))),
            ("POST", ["subscriptions"]) => {
                let same = |one: &&Value| {
                    one["processCode"] == asked.body["processCode"]
                        && one["subscriber"]["companyRegister"] == asked.body["subscriber"]["companyRegister"]
                };
                if hubee.subscriptions.iter().any(|one| same(&one)) {
                    return exists();
                }
                let id = format!("sub-{}", hubee.subscriptions.len() + 1);
                let mut made = asked.body.clone();
                made["id"] = json!(id);
                made["creationDateTime"] = json!("2026-01-01T00:00:00Z");
                hubee.subscriptions.push(made);
                (201, json!({"id": id}))
            }
            ("PUT", ["subscriptions", id]) => {
                assert!(asked.body.get("id").is_none() && asked.body.get("creationDateTime").is_none(), "{asked:?}");
                let known = hubee.subscriptions.iter_mut().find(|one| one["id"] == *id).unwrap();
                let kept = (known["id"].clone(), known["creationDateTime"].clone());
                *known = asked.body.clone();
                (known["id"], known["creationDateTime"]) = kept;
                (200, json!({}))
            }
            _ => panic!("{asked:?}"),
        }
    };
    (run(peer.clone(), answer), peer)
}

fn found(subscriptions: &[Value], asked: &Asked) -> Vec<Value> {
    let matches = |one: &Value, name: &str, value: &str| match name {
        "companyRegister" => one["subscriber"]["companyRegister"] == value,
        "processCode" => one["processCode"] == value,
        "datapassId" => one["datapassId"].as_i64() == value.parse().ok(),
        _ => panic!("HubEE knows no {name}"),
    };
    let all = |one: &&Value| asked.query.iter().all(|(name, value)| matches(one, name, value));
    subscriptions.iter().filter(all).cloned().collect()
}

/// PISTE, which makes one application for each approval.
pub fn piste() -> (String, Arc<Mutex<Peer<Vec<Value>>>>) {
    let peer = Arc::new(Mutex::new(Peer::default()));
    let answer = |approvals: &mut Vec<Value>, asked: &Asked| match asked.path.as_str() {
        "/api/oauth/token" => (200, json!({"access_token": "jeton"})),
        "/datapass/v1/approve" => {
            assert_eq!(asked.authorization, "Bearer jeton");
            approvals.push(asked.body.clone());
            (200, json!({"piste_app_prd_link": "https://piste.exemple.fr/apps/0a1b"}))
        }
        _ => panic!("{asked:?}"),
    };
    (run(peer.clone(), answer), peer)
}

/// What Aidants Connect holds.
#[derive(Default)]
pub struct AidantsConnect {
    pub organizations: Vec<Value>,
    pub aidants: Vec<Value>,
}

/// Aidants Connect: 202 to what it creates, 200 to what is there already, and to an « aidant » that it does not take.
pub fn aidants_connect() -> (String, Arc<Mutex<Peer<AidantsConnect>>>) {
    let peer = Arc::new(Mutex::new(Peer::default()));
    let answer = |known: &mut AidantsConnect, asked: &Asked| {
        assert_eq!(asked.authorization, "Bearer clef");
        match asked.path.as_str() {
            "/datapass_receiver/" => {
                let names = ["name", "siret", "address", "postal_code"];
                let is_complete = asked.body["data_pass_id"].is_i64()
                    && asked.body["organization_type"].is_i64()
                    && names.iter().all(|name| {
                        asked.body[format!("organization_{name}")].as_str().is_some_and(|text| !text.is_empty())
                    });
                if !is_complete {
                    return (400, json!({}));
                }
                let is_known = known.organizations.iter().any(|one| one["data_pass_id"] == asked.body["data_pass_id"]);
                known.organizations.push(asked.body.clone());
                (if is_known { 200 } else { 202 }, json!({}))
            }
            "/datapass_habilitation/" => {
                let is_valid = asked.body["email"].as_str().is_some_and(|email| email.contains('@'));
                let is_known = known.aidants.iter().any(|one| one["email"] == asked.body["email"]);
                if is_valid && !is_known {
                    known.aidants.push(asked.body.clone());
                    (202, json!({}))
                } else {
                    (200, json!({}))
                }
            }
            _ => panic!("{asked:?}"),
        }
    };
    (run(peer.clone(), answer), peer)
}
