//! The pages that anybody may read: what each is made of, who is told what, and where addresses of the past lead.

use reqwest::{Method, header};
use shared::navigation::{APPLICATION_PAGES, FOOTER, PUBLIC_PAGES, TAGLINE, menu};

use crate::support::{Answer, CLAMART, Client, DINUM, TestApp};

/// The address of every page that the server draws and that is there in an empty database.
fn pages(app: &TestApp) -> Vec<String> {
    let fixed = PUBLIC_PAGES.iter().filter(|page| !page.contains(':')).map(|page| (*page).to_owned());
    let apis = app.state.policies.current().keys().map(|slug| format!("/{slug}")).collect::<Vec<_>>();
    std::iter::once("/".to_owned()).chain(fixed).chain(apis).collect()
}

/// A text as it stands in a page.
fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;").replace('\'', "&#x27;").replace('/', "&#x2f;")
}

#[track_caller]
fn assert_holds(answer: &Answer, text: &str) {
    assert!(answer.text.contains(text), "no {text:?} in:\n{}", answer.text);
}

/// The address that an answer sends the browser to, with its status.
fn place(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.headers.get("location").map_or("", String::as_str))
}

async fn leads(client: &Client, path: &str) -> (u16, String) {
    let answer = client.get(path).await;
    let (status, location) = place(&answer);
    (status, location.to_owned())
}

#[tokio::test]
async fn each_page_is_whole_without_a_session_and_without_a_script() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in pages(&app) {
        let page = visitor.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.headers["content-type"], "text/html; charset=utf-8", "{path}");
        assert_eq!(page.headers["cache-control"], "no-cache", "{path}");
        assert_eq!(page.text.matches("<h1").count(), 1, "{path}");
        assert_holds(&page, "<html lang=\"fr\"");
        assert_holds(
            &page,
            &format!("<link rel=\"canonical\" href=\"{}\">", escaped(&format!("{}{path}", app.state.public_url))),
        );
        let description = page.text.split("<meta name=\"description\" content=\"").nth(1).unwrap();
        assert!(!description.starts_with('"'), "{path} says nothing of itself");
        assert_holds(&page, "type=\"application/atom+xml\"");
        for link in menu(None).iter().chain(&FOOTER) {
            assert_holds(&page, &format!("href=\"{}\"", escaped(link.href)));
        }
        assert_holds(&page, &escaped(TAGLINE));
        assert_holds(&page, "Se connecter");
        assert!(!page.text.contains("id=\"app\""), "{path} is the application's");
        assert!(page.text.matches("<script").count() == 1, "{path}: the theme's script alone");
    }
}

#[tokio::test]
async fn a_page_that_has_not_changed_is_not_sent_again() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in ["/", "/nouvelle-demande", "/api_particulier", "/faq", "/mentions-legales"] {
        let first = visitor.get(path).await;
        let known = visitor.request(Method::GET, path).header(header::IF_NONE_MATCH, &first.headers["etag"]);
        let second = visitor.send(known).await;
        assert_eq!((second.status.as_u16(), second.text.as_str()), (304, ""), "{path}");
        let other = visitor.request(Method::GET, path).header(header::IF_NONE_MATCH, "W/\"autre\"");
        assert_eq!(visitor.send(other).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn who_is_signed_in_is_named_and_the_page_is_theirs_alone() {
    let app = TestApp::start();
    let applicant = app.actor("camille", &[]).await;
    let administrator = app.actor("admin", &["administrator"]).await;
    for path in ["/nouvelle-demande", "/api_particulier", "/faq"] {
        let page = applicant.get(path).await;
        assert_holds(&page, "camille Exemple");
        assert_holds(&page, "action=\"/api/sign_out\"");
        assert!(page.headers["cache-control"].contains("private"), "{:?}", page.headers);
        assert!(page.headers["vary"].contains("Cookie"), "{:?}", page.headers);
        assert!(!page.text.contains("Se connecter") && !page.text.contains("href=\"&#x2f;journal\""), "{path}");
    }
    assert_holds(&administrator.get("/faq").await, "href=\"&#x2f;journal\"");
}

#[tokio::test]
async fn home_is_the_application_for_who_is_signed_in() {
    let app = TestApp::start();
    let (visitor, applicant) = (app.visitor(), app.actor("demandeur", &[]).await);
    let page = visitor.get("/").await;
    assert_holds(&page, "Comment ça marche");
    assert_holds(&page, "href=\"/users/sign-up?next=%2F\">Créer un compte</a>");
    let own = applicant.get("/").await;
    assert!(!own.text.contains("Comment ça marche"), "{}", own.text);
    // Whether or not the application is built here, it answers at each of its addresses, and nowhere else.
    for page in APPLICATION_PAGES.iter().filter(|page| **page != "/") {
        let answer = visitor
            .get(&page.replace(":target_api", "api_particulier").replace(":siret", CLAMART).replace(":id", "1"))
            .await;
        assert_eq!(answer.status, own.status, "{page}");
    }
}

#[tokio::test]
async fn an_unknown_address_is_a_page_too() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for path in ["/nulle/part", "/inconnue", "/api_particulier/rien", "/demandes", "/accessibilite/x", "/users/rien"] {
        let page = visitor.get(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert_holds(&page, "Page introuvable");
        assert_holds(&page, "id=\"navigation\"");
        assert_holds(&page, "noindex");
    }
}

#[tokio::test]
async fn addresses_of_the_past_lead_where_their_page_now_is() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for (path, location) in [
        ("/admin", "/personnes"),
        ("/data-providers/api", "/nouvelle-demande"),
        ("/data-providers/hubee", "/nouvelle-demande?recherche=hubee"),
        ("/copy-authorization-request/12", "/demandes/12"),
        ("/reopen-enrollment-request/12", "/demandes/12"),
        ("/authorization-request/12", "/demandes/12"),
        ("/habilitations/12", "/public/H12"),
        ("/api-particulier", "/api_particulier"),
        ("/api_particulier/", "/api_particulier"),
        ("/franceconnect/12", "/demandes/12"),
        ("/api-impot-particulier-fc-sandbox/12", "/demandes/12"),
        ("/api_particulier/12/34", "/demandes/12"),
    ] {
        assert_eq!(leads(&visitor, path).await, (308, location.to_owned()), "{path}");
    }
    assert_eq!(leads(&visitor, "/habilitations").await, (302, "/public".to_owned()));
    let applicant = app.actor("demandeur", &[]).await;
    assert_eq!(leads(&applicant, "/habilitations").await, (302, "/public".to_owned()));
    let instructor = app.actor("instruit", &["api_particulier:instructor"]).await;
    assert_eq!(leads(&instructor, "/habilitations").await, (302, "/instruction".to_owned()));
}

#[tokio::test]
async fn the_map_of_the_site_names_every_page() {
    let app = TestApp::start();
    let map = app.visitor().get("/sitemap.xml").await;
    for path in pages(&app) {
        assert_holds(&map, &format!("<loc>{}{path}</loc>", app.state.public_url));
    }
    assert_holds(&app.visitor().get("/robots.txt").await, "/sitemap.xml");
}

/// The form of a page, as the browser sends it.
fn sign_out(client: &Client, origin: &str) -> reqwest::RequestBuilder {
    let request = client.request(Method::POST, "/api/sign_out").header(header::ORIGIN, origin);
    request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body("")
}

#[tokio::test]
async fn one_signs_out_with_the_form_of_a_page_but_not_with_that_of_another_site() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let foreign = applicant.send(sign_out(&applicant, "https://ailleurs.example")).await;
    assert_eq!(foreign.status, 403);
    assert!(applicant.get("/api/session").await.ok()["user"].is_object());

    let own = applicant.send(sign_out(&applicant, &app.state.public_url)).await;
    assert_eq!(place(&own), (303, format!("{}/", app.state.public_url).as_str()));
    assert!(own.headers["set-cookie"].contains("Max-Age=0"), "{:?}", own.headers);
    assert_eq!(own.headers["clear-site-data"], "\"storage\"");
    assert!(applicant.get("/api/session").await.ok()["user"].is_null());
}

#[tokio::test]
async fn the_page_of_each_api_says_all_that_its_request_asks() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for (slug, policy) in app.state.policies.current().iter() {
        let page = visitor.get(&format!("/{slug}")).await;
        let text = page.text.replace('\u{a0}', " ");
        let holds = |what: &str| {
            let what = escaped(what).replace('\u{a0}', " ");
            assert!(text.contains(&what), "{slug}: no {what:?} in its page");
        };
        holds(&policy.label);
        holds(&policy.provider.label);
        holds(&policy.support_email);
        policy.introduction.iter().for_each(|text| holds(text));
        policy.sections.iter().for_each(|section| holds(section.label()));
        for scope in policy.scopes.iter().filter(|scope| !scope.hidden && !scope.deprecated) {
            holds(&scope.label);
            holds(&scope.help);
        }
        policy.demarches.iter().for_each(|demarche| holds(&demarche.label));
        policy.contacts.iter().for_each(|contact| holds(&contact.label));
        policy.extra_fields.iter().for_each(|field| holds(&field.label));
        policy.documents.iter().filter(|file| !file.read_only).for_each(|file| holds(&file.help()));
        assert_eq!(page.text.contains("Commencer ma demande"), policy.can_be_started(), "{slug}");
        assert_eq!(page.text.contains("id=\"delais\""), policy.can_be_started(), "{slug}");
        let tries = policy.naf.is_some() && policy.can_be_started();
        assert_eq!(page.text.contains("id=\"siret\""), tries, "{slug}");
    }
}

#[tokio::test]
async fn a_request_is_started_from_the_page_of_its_api() {
    let app = TestApp::start();
    let (visitor, applicant) = (app.visitor(), app.actor("demandeur", &[]).await);
    let policies = app.state.policies.current();
    let demarche = &policies.get("api_particulier").unwrap().demarches[0].id;
    assert_holds(&applicant.get("/api_particulier").await, "href=\"&#x2f;nouvelle-demande&#x2f;api_particulier\"");
    let named = format!("/api_particulier?demarche={demarche}");
    let start = format!("/nouvelle-demande/api_particulier?demarche={demarche}");
    assert_holds(&applicant.get(&named).await, &escaped(&start));
    let sign_in = "/api/sign_in?return_to=%2Fnouvelle-demande%2Fapi_particulier";
    assert_holds(&visitor.get("/api_particulier").await, &format!("href=\"{}\"", escaped(sign_in)));
    let with_demarche = format!("{sign_in}%3Fdemarche%3D{}", demarche);
    assert_holds(&visitor.get(&named).await, &format!("href=\"{}\"", escaped(&with_demarche)));
    let unknown = visitor.get("/api_particulier?demarche=inconnue").await;
    assert!(!unknown.text.contains("inconnue\">Commencer"), "{}", unknown.text);

    // What is no longer offered, or is asked for elsewhere, leads on.
    assert_holds(&visitor.get("/hubee").await, "À la place");
    assert_holds(&visitor.get("/api_tiers_de_prestation").await, "en dehors de DataPass");
    assert_holds(&visitor.get("/api_impot_particulier_production").await, "aria-current=\"step\"");
}

#[tokio::test]
async fn an_organisation_is_told_by_its_activity_whether_it_may_ask() {
    let app = TestApp::start();
    let visitor = app.visitor();
    let page = visitor.get(&format!("/api_particulier?siret={DINUM}")).await;
    assert_eq!(page.status, 200);
    assert_holds(&page, "est normalement éligible");
    // An invented establishment has the activity of the commune; the answer says that it is one.
    assert_eq!(visitor.get(&format!("/hubee_portail?siret={CLAMART}")).await.status, 200);

    for wrong in ["13002526500014", "123", "", "abc"] {
        let page = visitor.get(&format!("/api_particulier?siret={wrong}")).await;
        assert_eq!(page.status, 422, "{wrong}");
        assert_holds(&page, "aria-invalid=\"true\"");
        assert_holds(&page, "aria-describedby=\"siret-hint siret-error\"");
        assert_holds(&page, "<title>Erreur");
        assert_holds(&page, &format!("value=\"{wrong}\""));
    }
    // An API for everybody has no such question.
    assert_eq!(visitor.get("/franceconnect?siret=123").await.status, 200);
}

#[tokio::test]
async fn a_visitor_cannot_use_up_what_the_register_answers_us() {
    let app = TestApp::start();
    let (visitor, applicant) = (app.visitor(), app.actor("demandeur", &[]).await);
    let path = format!("/api_particulier?siret={DINUM}");
    let mut statuses = Vec::new();
    for _ in 0..21 {
        statuses.push(visitor.get(&path).await.status.as_u16());
    }
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20, "{statuses:?}");
    let refused = visitor.get(&path).await;
    assert_eq!(refused.status, 429);
    assert_holds(&refused, "réessayez dans quelques minutes");
    assert_eq!(applicant.get(&path).await.status, 200, "who is signed in is known");
}

#[tokio::test]
async fn the_help_opens_at_each_question_that_others_link_to_and_names_every_mailbox() {
    let app = TestApp::start();
    let page = app.visitor().get("/faq").await;
    for id in [
        "probleme-habilitation",
        "changement-contact",
        "ajout-siret",
        "organisation-etrangere",
        "champ-editeur",
        "liste-editeur",
        "contact",
    ] {
        assert_holds(&page, &format!("id=\"{id}\""));
        assert_holds(&page, &format!("href=\"#{id}\""));
    }
    for policy in app.state.policies.current().values() {
        assert_holds(&page, &format!("mailto:{}", escaped(&policy.support_email)));
        assert_holds(&page, &escaped(&policy.label));
    }
    assert_holds(&page, "autres</summary>");
}

#[tokio::test]
async fn the_legal_pages_say_who_runs_the_place() {
    let unset = TestApp::start();
    assert_holds(&unset.visitor().get("/mentions-legales").await, "n’a pas encore indiqué son nom");
    let app = TestApp::start_with(|config| {
        config.legal.publisher = Some("Direction de l’Exemple".to_owned());
        config.legal.host = Some("Hébergement d’Exemple".to_owned());
        config.legal.contact = Some("contact@exemple.fr".to_owned());
    });
    let notice = app.visitor().get("/mentions-legales").await;
    for text in ["Direction de l’Exemple", "Hébergement d’Exemple", "mailto:contact@exemple.fr", "datapass_session"]
    {
        assert_holds(&notice, text);
    }
    let statement = app.visitor().get("/accessibilite").await;
    assert_holds(&statement, "<strong>non conforme</strong>");
    assert_holds(&statement, "mailto:contact@exemple.fr");
}

/// The names of what the catalogue shows, in their order.
async fn found(client: &Client, query: &str) -> Vec<String> {
    let page = client.get(&format!("/nouvelle-demande?{query}")).await;
    let cards = page.text.split("<h3 class=\"dp-card__title\">").skip(1);
    cards.map(|card| card.split("</a>").next().unwrap().rsplit('>').next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_catalogue_is_searched_by_need_and_the_best_match_comes_first() {
    let app = TestApp::start();
    let visitor = app.visitor();
    let all = found(&visitor, "").await.len();
    for (words, first) in [
        ("quotient", "API Particulier"),
        ("CAF", "API Particulier"),
        ("carte%20grise", "API Historique d’un véhicule"),
        ("bourse%20crous", "API Statut étudiant boursier"),
        ("rib", "API FICOBA"),
    ] {
        let found = found(&visitor, &format!("recherche={words}")).await;
        assert!(found.first().is_some_and(|name| name.starts_with(first)), "{words}: {found:?}");
        assert!(found.len() < all, "{words}: {found:?}");
    }
    assert!(found(&visitor, "recherche=cantine").await.iter().any(|name| name == "API Particulier"));
    let of_ministry = found(&visitor, "theme=education&fournisseur=menj").await;
    assert_eq!(of_ministry, ["API Scolarité"]);
    let page = visitor.get("/nouvelle-demande?theme=education&recherche=inconnu").await;
    assert_holds(&page, "<option value=\"education\" selected>");
    assert_holds(&page, "Aucune API trouvée pour «\u{a0}inconnu\u{a0}»");
    // What is no topic leaves nothing out.
    assert_eq!(found(&visitor, "theme=autre").await.len(), all);
}

#[tokio::test]
async fn what_is_granted_most_comes_first_unless_something_is_looked_for() {
    let app = TestApp::start();
    let (visitor, applicant) = (app.visitor(), app.actor("demandeur", &[]).await);
    let instructor = app.actor("instruit", &["franceconnect:instructor", "api_particulier:instructor"]).await;
    assert!(!visitor.get("/nouvelle-demande").await.text.contains("Les plus accordées"));
    for (api, count) in [("franceconnect", 1), ("api_particulier", 2)] {
        for _ in 0..count {
            let id = applicant.submitted(api).await;
            instructor.step(id, "validate", "").await.ok();
        }
    }
    applicant.submitted("franceconnect").await;
    assert_holds(&visitor.get("/nouvelle-demande").await, "Les plus accordées");
    assert_eq!(found(&visitor, "").await[..2], ["API Particulier", "FranceConnect"]);
    for query in ["recherche=particulier", "fournisseur=dinum", "theme=education"] {
        let page = visitor.get(&format!("/nouvelle-demande?{query}")).await;
        assert!(!page.text.contains("Les plus accordées"), "{query}");
    }
}
