//! The page of statistics: what it shows, of whom, and what it says of a question that means nothing.

use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Client, TestApp};

async fn page(client: &Client, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
    answer.text.replace("&#x2f;", "/").replace('\u{202f}', "")
}

#[tokio::test]
async fn the_page_shows_the_figures_that_the_api_tells() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    for round in 0..3 {
        let id = applicant.submitted("api_particulier").await;
        match round {
            0 => instructor.step(id, "validate", "Conforme.").await.ok(),
            1 => instructor.step(id, "refuse", "Sans fondement.").await.ok(),
            _ => instructor
                .patch(
                    &format!("/api/enrollments/{id}/change_state"),
                    &json!({"event": "request_changes", "comment": "Précisez.", "points": [{"field": "intitule", "comment": "Lequel ?"}]}),
                )
                .await
                .ok(),
        };
    }
    let visitor = app.visitor();
    let told = visitor.get("/api/stats").await.ok();
    for path in ["/stats", "/stats/api_particulier"] {
        let page = page(&visitor, path).await;
        for (label, value) in [
            ("Demandes déposées", 3),
            ("Soumissions", 3),
            ("Habilitations accordées", 1),
            ("Refus", 1),
            ("Révocations", 0),
        ] {
            let shown =
                format!("<h2 class=\"dp-tile__label\">{label}</h2>\n    <p class=\"dp-tile__value\">{value}</p>");
            assert!(page.contains(&shown), "{path}: {label} {value}: {page}");
        }
        assert!(page.contains("33\u{a0}%") && page.contains("1 sur 3 premières réponses"), "{path}");
        for definition in told["definitions"].as_object().unwrap().values() {
            let is_of_all = definition.as_str().unwrap().contains("par API");
            assert!(is_of_all || page.contains(definition.as_str().unwrap()), "{path}: {definition}");
        }
    }
    assert!(page(&visitor, "/stats").await.contains("href=\"/stats/api_particulier\""));
    assert!(page(&visitor, "/stats/franceconnect").await.contains("Statistiques de FranceConnect"));
}

#[tokio::test]
async fn each_month_can_be_reached_and_read_out_and_stands_in_the_table() {
    let app = TestApp::start();
    app.actor("demandeur", &[]).await.submitted("api_particulier").await;
    let page = page(&app.visitor(), "/stats").await;
    let columns = page.matches("role=\"listitem\" tabindex=\"0\"").count();
    assert_eq!(columns, 13, "a year and the present month");
    assert!(page.contains("1 demande (en cours\u{a0}: 1)"), "{page}");
    let rows = page.split("Demandes par mois</caption>").nth(1).unwrap().split("</table>").next().unwrap();
    assert_eq!(rows.matches("<th scope=\"row\">").count(), columns);
}

#[tokio::test]
async fn an_address_with_an_api_in_its_query_leads_to_that_of_the_api() {
    let app = TestApp::start();
    let visitor = app.visitor();
    for (from, to) in [
        ("/stats?target_api=api_particulier&from=2026-01", "/stats/api_particulier?from=2026-01"),
        ("/stats?target_api=api_particulier", "/stats/api_particulier"),
        ("/stats/api-particulier", "/stats/api_particulier"),
    ] {
        let answer = visitor.get(from).await;
        assert_eq!(
            (answer.status, answer.headers["location"].as_str()),
            (StatusCode::PERMANENT_REDIRECT, to),
            "{from}"
        );
    }
    assert_eq!(visitor.get("/stats/inconnue").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_question_that_means_nothing_is_told_and_kept_in_the_form() {
    let app = TestApp::start();
    for query in
        ["from=2026-13", "from=hier", "from=2026-05&to=2026-01", "provider=inconnu", "target_api=inconnue", "x=1"]
    {
        let answer = app.visitor().get(&format!("/stats?{query}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(answer.text.contains("ne peuvent pas être affichés"), "{query}");
    }
    let answer = app.visitor().get("/stats?from=hier").await;
    assert!(answer.text.contains("value=\"hier\""), "{}", answer.text);
}
