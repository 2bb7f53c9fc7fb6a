//! Searching requests: typing errors, names, places, numbers, and nothing that one may not see.

use datapass::connection::AnyConnection;
use datapass::schema::enrollments;
use datapass::transition::searched;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use serde_json::json;

use crate::support::{Client, DINUM, TestApp};

/// What a search finds, oldest first.
async fn found(client: &Client, search: &str) -> Vec<i64> {
    client.ids(&format!("sort=id&search={search}")).await
}

impl Client {
    async fn submitted_titled(&self, title: &str) -> i64 {
        self.submitted_as("api_particulier", &json!({"intitule": title})).await
    }
}

#[tokio::test]
async fn a_search_finds_with_one_typing_error_in_each_word() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let canteen = applicant.submitted_titled("Tarification de la cantine à Montreuil-sous-Bois").await;
    let nursery = applicant.submitted_titled("Inscription à l’École et en crèche").await;
    for (search, expected) in [
        // A letter that is missing, too many, wrong; two that changed places, also in the middle.
        ("catine", vec![canteen]),
        ("canntine", vec![canteen]),
        ("vantine", vec![canteen]),
        ("cantime", vec![canteen]),
        ("cantnie", vec![canteen]),
        ("acntine", vec![canteen]),
        ("catnine", vec![canteen]),
        ("montreul-sous-bois", vec![canteen]),
        ("Montreiul", vec![canteen]),
        ("ECOOLE", vec![nursery]),
        ("cr%C3%A9che", vec![nursery]),
        ("criche", vec![nursery]),
        // In each word, and beside words that are right.
        ("tarifcation cantne", vec![canteen]),
        ("inscription crehce", vec![nursery]),
        ("tarification crehce", vec![]),
        // Two errors in a word, and words that are too short for one.
        ("catnien", vec![]),
        ("boi", vec![canteen]),
        ("bos", vec![]),
        ("bosi", vec![canteen]),
    ] {
        assert_eq!(found(&instructor, search).await, expected, "{search}");
        let exported = instructor.get(&format!("/api/enrollments/export.csv?search={search}")).await;
        assert_eq!(exported.headers["x-total-count"], expected.len().to_string(), "{search}");
    }
    let exact = applicant.submitted_titled("Cantone").await;
    assert_eq!(found(&instructor, "cantone").await, [exact], "what is found as it was typed is not corrected");
}

#[tokio::test]
async fn a_corrected_search_shows_no_more_than_one_may_see_and_hides_nothing_of_it() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let other = app.actor("autre", &[]).await;
    let stranger = app.actor("inconnu", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let administrator = app.actor("administrateur", &["administrator"]).await;
    let id = applicant.submitted_titled("Cantine").await;
    // Somebody else has typed what we mistype.
    let hidden = other.submitted_as("franceconnect", &json!({"intitule": "Cantnie"})).await;
    assert_eq!(found(&instructor, "cantnie").await, [id]);
    assert_eq!(found(&applicant, "cantnie").await, [id]);
    assert_eq!(found(&other, "cantnie").await, [hidden]);
    assert_eq!(found(&administrator, "cantnie").await, [hidden]);
    for search in ["cantine", "cantnie", "catine", "clamrt", "92140", "particulier"] {
        assert_eq!(found(&stranger, search).await, [] as [i64; 0], "{search}");
    }
    // What a filter hides was spelt rightly: it is not taken for something else.
    let near = applicant.submitted_titled("Cantone").await;
    instructor.step(near, "refuse", "Non.").await.ok();
    assert_eq!(found(&instructor, "cantone").await, [near]);
    assert_eq!(found(&instructor, "cantone&status=submitted").await, [] as [i64; 0]);
    assert_eq!(found(&instructor, "catnone&status=submitted").await, [] as [i64; 0]);
    assert_eq!(found(&instructor, "catnine&status=submitted").await, [id]);
}

#[tokio::test]
async fn a_search_pages_whatever_was_meant() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor", "franceconnect:instructor"]).await;
    let mut all = Vec::new();
    for number in 0..7 {
        all.push(applicant.submitted_titled(&format!("Cantine FranceConnect {number}")).await);
        all.push(applicant.submitted_as("franceconnect", &json!({"intitule": format!("Cantine {number}")})).await);
    }
    for search in ["cantine", "catnine", "franceconnect", "franceconect", "cours", "92140", "clamrt franceconect"] {
        for (sort, reversed) in [("id", false), ("-updated_at", true), ("waiting_from", false)] {
            let path = format!("/api/enrollments?search={search}&sort={sort}&limit=3");
            let seen = instructor.all_ids(&path).await;
            let mut expected = all.clone();
            if reversed {
                expected.reverse();
            }
            assert_eq!(seen, expected, "{search} {sort}");
        }
        let exported = instructor.get(&format!("/api/enrollments/export.csv?search={search}")).await;
        assert_eq!(exported.headers["x-total-count"], "14", "{search}");
    }
}

#[tokio::test]
async fn a_short_word_is_a_word_or_its_beginning() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let sea = applicant.submitted_titled("Eu les bains et la mer y gagnent").await;
    let youth = applicant.submitted_titled("Jeunesse heureuse").await;
    for (search, expected) in [
        ("eu", vec![sea]),
        ("je", vec![youth]),
        ("y", vec![sea]),
        ("k", vec![]),
        ("zz+eu", vec![]),
        ("eu+ga+bains", vec![sea]),
        // What no index knows is looked for in the latest rows.
        ("%C5%93", vec![]),
        ("%22%22%22", vec![]),
    ] {
        assert_eq!(found(&instructor, search).await, expected, "{search}");
        assert_eq!(app.visitor().get(&format!("/api/enrollments/public?search={search}")).await.status, 200);
    }
}

#[tokio::test]
async fn a_search_finds_places() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let clamart = applicant.submitted_titled("Cantine").await;
    let paris = applicant.submitted_as("api_particulier", &json!({"siret": DINUM, "intitule": "Crèche"})).await;
    let nowhere =
        applicant.post("/api/enrollments", &json!({"target_api": "api_particulier"})).await.ok()["id"].clone();
    for (search, expected) in [
        ("92140", vec![clamart]),
        ("75007", vec![paris]),
        ("Clamart", vec![clamart]),
        ("clamrt", vec![clamart]),
        ("cantine 92140", vec![clamart]),
        ("cantine 75007", vec![]),
        ("paris", vec![paris]),
        ("92141", vec![]),
        // Not a part of a SIRET.
        ("19200", vec![]),
    ] {
        assert_eq!(found(&instructor, search).await, expected, "{search}");
    }
    // A request of that number comes first, whatever the order.
    let set = app.state.db.write(|connection| {
        match connection {
            AnyConnection::Postgres(c) => {
                c.batch_execute("ALTER TABLE enrollments ALTER COLUMN id RESTART WITH 92140")?
            }
            AnyConnection::Sqlite(c) => {
                c.batch_execute("UPDATE sqlite_sequence SET seq = 92139 WHERE name = 'enrollments'")?;
            }
        }
        Ok(())
    });
    set.await.unwrap();
    let numbered = applicant.submitted_as("api_particulier", &json!({"siret": DINUM})).await;
    let last = applicant.submitted_titled("Dernière").await;
    assert_eq!(numbered, 92140);
    for sort in ["id", "-id"] {
        let rows = instructor.ids(&format!("search=92140&sort={sort}")).await;
        let places = if sort == "id" { [clamart, last] } else { [last, clamart] };
        assert_eq!((rows[0], &rows[1..]), (numbered, &places[..]), "{sort}");
    }
    let first = instructor.get("/api/enrollments?search=92140&sort=id&limit=2").await.ok();
    let next = first["next"].as_str().unwrap();
    assert_eq!(instructor.ids(&format!("search=92140&sort=id&limit=2&cursor={next}")).await, [last]);
    assert_eq!(instructor.ids("search=D92140").await, [numbered]);

    // A draft that changes its organisation changes its place.
    applicant.patch(&format!("/api/enrollments/{nowhere}"), &json!({"siret": DINUM})).await.ok();
    assert!(found(&instructor, "75007").await.contains(&nowhere.as_i64().unwrap()));
}

#[tokio::test]
async fn a_search_finds_by_api_status_and_demarche() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let roles = ["api_particulier:instructor", "franceconnect:instructor"];
    let instructor = app.actor("instructeur", &roles).await;
    let particulier = applicant.submitted_titled("Cantine").await;
    let connect = applicant.submitted_as("franceconnect", &json!({"intitule": "Crèche"})).await;
    let validated = applicant.submitted_as("franceconnect", &json!({"intitule": "Cantine"})).await;
    instructor.step(validated, "validate", "Oui.").await.ok();
    let counted = app.state.db.write(move |c| {
        let row = enrollments::table.find(particulier);
        Ok(diesel::update(row).set(enrollments::demarche.eq("abelium")).execute(c)?)
    });
    counted.await.unwrap();
    for (search, expected) in [
        ("particulier", vec![particulier]),
        ("api particulier", vec![particulier]),
        ("api_particulier", vec![particulier]),
        ("API Particuler", vec![particulier]),
        ("franceconnect", vec![connect, validated]),
        ("franceconect", vec![connect, validated]),
        ("franceconnect cantine", vec![validated]),
        ("franceconnect cantnie", vec![validated]),
        ("franceconnect particulier", vec![]),
        ("validée", vec![validated]),
        ("Validee", vec![validated]),
        ("valdiée", vec![validated]),
        ("validée cantine", vec![validated]),
        ("validée crèche", vec![]),
        ("en cours", vec![particulier, connect]),
        ("cours franceconnect", vec![connect]),
        ("refusée", vec![]),
        ("abelium", vec![particulier]),
        ("abelum", vec![particulier]),
        ("abelium cantine", vec![particulier]),
        ("abelium crèche", vec![]),
    ] {
        assert_eq!(found(&instructor, search).await, expected, "{search}");
    }
    assert_eq!(found(&instructor, "validée&status=submitted").await, [] as [i64; 0]);
    assert_eq!(found(&instructor, "cantine&target_api=franceconnect").await, [validated]);
    assert_eq!(found(&instructor, "particulier&target_api=franceconnect").await, [] as [i64; 0]);
}

#[tokio::test]
async fn numbers_are_found_as_people_write_them() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let refused = applicant.submitted_titled("Crèche").await;
    instructor.step(refused, "refuse", "Non.").await.ok();
    let id = applicant.submitted_titled("Cantine").await;
    instructor.step(id, "validate", "Oui.").await.ok();
    let number = instructor.get(&format!("/api/enrollments/{id}")).await.ok()["authorisations"][0]["id"].clone();
    for search in [format!("H{number}"), format!("h {number}"), format!("h-{number}"), format!("H n° {number}")] {
        assert_eq!(found(&instructor, &search).await, [id], "{search}");
        let page = app.visitor().get(&format!("/api/enrollments/public?search={search}")).await.ok();
        assert_eq!(page["items"][0]["id"], number, "{search}");
    }
    for search in [format!("{id}"), format!("D{id}"), format!("d {id}"), format!("d-{id}")] {
        assert_eq!(found(&instructor, &search).await, [id], "{search}");
    }
    let public = |search: String| {
        let visitor = app.visitor();
        async move {
            let page = visitor.get(&format!("/api/enrollments/public?search={search}")).await.ok();
            page["items"].as_array().unwrap().len()
        }
    };
    assert_eq!(public(format!("D {id}")).await, 1);
    assert_eq!(public(format!("D {refused}")).await, 0, "what is not in force is not public");
    assert_eq!(public("H 4242".to_owned()).await, 0);
}

#[tokio::test]
async fn requests_from_before_are_found_by_their_place_and_with_errors() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted_titled("Cantine").await;
    let as_before = app.state.db.write(|connection| {
        let old = (enrollments::zip_code.eq("?"), enrollments::city.eq(""), enrollments::search.eq("cantine"));
        diesel::update(enrollments::table).set(old).execute(connection)?;
        Ok(diesel::delete(datapass::schema::search_words::table).execute(connection)?)
    });
    as_before.await.unwrap();
    assert_eq!(found(&applicant, "92140").await, [] as [i64; 0]);
    assert_eq!(app.state.db.write(searched::fill_in).await.unwrap(), 1);
    assert_eq!(app.state.db.write(searched::fill_in).await.unwrap(), 0, "once is enough");
    for search in ["92140", "clamart", "clamrt", "catnine"] {
        assert_eq!(found(&applicant, search).await, [id], "{search}");
    }
}

#[tokio::test]
async fn a_list_is_counted_up_to_a_thousand() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let instructor = app.actor("instructeur", &["api_particulier:instructor"]).await;
    let first = applicant.submitted_titled("Cantine").await;
    applicant.submitted_titled("Cantine").await;
    applicant.submitted_as("franceconnect", &json!({"intitule": "Cantine"})).await;
    instructor.step(first, "refuse", "Non.").await.ok();
    let total = |who: &Client, query: &str| {
        let (who, path) = (who.clone(), format!("/api/enrollments/total?{query}"));
        async move { who.get(&path).await.ok() }
    };
    for (search, everything, submitted) in
        [("cantine", 2, 1), ("catnine", 2, 1), ("rien", 0, 0), ("", 2, 1), ("refusée", 1, 0)]
    {
        assert_eq!(
            total(&instructor, &format!("search={search}")).await,
            json!({"total": everything, "has_more": false})
        );
        let narrow = total(&instructor, &format!("search={search}&status=submitted&limit=1")).await;
        assert_eq!(narrow, json!({"total": submitted, "has_more": false}), "{search}");
    }
    assert_eq!(total(&applicant, "search=cantine").await["total"], 3);
    app.visitor().get("/api/enrollments/total").await.error(401, "unauthorized");
    let many = app.state.db.write(move |c| {
        let copies = format!(
            "INSERT INTO enrollments (target_api, policy_revision, status, version, siret, nom_raison_sociale, intitule, \
             responsable_traitement, demandeur_id, demandeur_email, reopening, resubmitted, offered, created_at, updated_at, \
             intitule_sort, waited, search, content, demarche) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
             SELECT target_api, policy_revision, status, version, siret, nom_raison_sociale, intitule, \
             responsable_traitement, demandeur_id, demandeur_email, reopening, resubmitted, offered, created_at, updated_at, \
             intitule_sort, waited, search, content, demarche FROM enrollments, n WHERE id = {first}"
        );
        datapass::on_each!(c, c => c.batch_execute(&copies))?;
        Ok(())
    });
    many.await.unwrap();
    for search in ["cantine", "catnine", ""] {
        let counted = total(&instructor, &format!("search={search}")).await;
        assert_eq!(counted, json!({"total": 1_000, "has_more": true}), "{search}");
    }
}
