//! The OpenAPI document: current, complete, and readable without internet.

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_current() {
    let committed = include_str!("../../../openapi/datapass.json");
    assert!(committed == datapass::openapi::text().unwrap(), "run `just openapi` and commit the result");
}

#[tokio::test]
async fn the_served_document_is_the_committed_one_and_its_page_needs_nothing_else() {
    let app = TestApp::start();
    let committed: serde_json::Value = serde_json::from_str(include_str!("../../../openapi/datapass.json")).unwrap();
    assert!(app.visitor().get("/api/openapi.json").await.ok() == committed, "served and committed differ");

    let without_slash = app.visitor().get("/api/docs").await;
    assert_eq!((without_slash.status.as_u16(), without_slash.headers["location"].as_str()), (307, "/api/docs/"));
    let page = app.visitor().get("/api/docs/").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    for source in page.text.split("src=\"").skip(1).chain(page.text.split("href=\"").skip(1)) {
        assert!(source.starts_with("./") || source.starts_with('/') || !source.contains("//"), "{source}");
    }
}

#[tokio::test]
async fn operations_have_names_of_their_own_and_values_are_spelt_as_on_the_wire() {
    let document: serde_json::Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let mut names: Vec<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
    assert_eq!(document["components"]["schemas"]["Status"]["enum"][2], "changes_requested");
}

/// Every schema, property and parameter says what it is; a property that refers to a schema is described there.
#[tokio::test]
async fn everything_in_the_document_is_described() {
    let document: serde_json::Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let is_described = |value: &serde_json::Value| {
        let text = |value: &serde_json::Value| value["description"].as_str().is_some_and(|text| !text.is_empty());
        let refers = |value: &serde_json::Value| value.get("$ref").is_some();
        text(value) || refers(value) || value["oneOf"].as_array().is_some_and(|all| all.iter().any(refers))
    };
    let mut undescribed = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if !is_described(schema) {
            undescribed.push(name.clone());
        }
        for (member, property) in schema["properties"].as_object().into_iter().flatten() {
            if !is_described(property) {
                undescribed.push(format!("{name}.{member}"));
            }
        }
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(operation["summary"].is_string(), "{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                if !is_described(parameter) {
                    undescribed.push(format!("{method} {path} {}", parameter["name"]));
                }
            }
        }
    }
    assert!(undescribed.is_empty(), "{undescribed:?}");
}

/// Every `$ref` below that value.
fn references<'a>(value: &'a serde_json::Value, found: &mut Vec<&'a str>) {
    match value {
        serde_json::Value::Object(members) => {
            found.extend(members.get("$ref").and_then(serde_json::Value::as_str));
            members.values().for_each(|member| references(member, found));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let document: serde_json::Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{} references", found.len());
    found.retain(|reference| document.pointer(reference.trim_start_matches('#')).is_none());
    assert!(found.is_empty(), "nothing is there: {found:?}");
}

/// The names of the types with a schema that a file declares.
fn schemas_of(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut is_schema = false;
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("wire_enum! {") || line.starts_with("#[derive(") && line.contains("ToSchema") {
            is_schema = true;
        }
        let declared = ["struct ", "enum "].iter().find_map(|word| {
            let before = line.split_once(word)?;
            matches!(before.0, "" | "pub " | "pub(crate) " | "pub(super) ").then_some(before.1)
        });
        if let Some(declared) = declared
            && std::mem::take(&mut is_schema)
        {
            found.push(declared.chars().take_while(|c| c.is_alphanumeric()).collect());
        }
    }
    found
}

/// The document would show one of the two, without a word.
#[tokio::test]
async fn no_two_types_share_the_name_of_a_schema() {
    let mut folders = vec![
        std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src"),
        std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/src"),
    ];
    let mut names = std::collections::BTreeMap::<String, Vec<String>>::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                for name in schemas_of(&std::fs::read_to_string(&entry).unwrap()) {
                    names.entry(name).or_default().push(entry.display().to_string());
                }
            }
        }
    }
    let document: serde_json::Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let found = schemas.keys().filter(|name| names.contains_key(*name)).count();
    assert!(found * 10 > schemas.len() * 9, "only {found} of {} schemas were found in the sources", schemas.len());
    names.retain(|_, files| files.len() > 1);
    assert!(names.is_empty(), "{names:?}");
}

#[tokio::test]
async fn the_errors_of_the_token_endpoint_are_those_of_oauth() {
    let document: serde_json::Value = serde_json::from_str(&datapass::openapi::text().unwrap()).unwrap();
    let responses = &document["paths"]["/api/oauth/token"]["post"]["responses"];
    for status in ["400", "401", "429"] {
        let schema = &responses[status]["content"]["application/json"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/OAuthProblem", "{status}");
    }
    let mut schema = serde_json::json!({"$ref": "#/components/schemas/OAuthProblem"});
    schema["components"] = document["components"].clone();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let app = TestApp::start();
    for (form, status) in
        [(vec![], 400), (vec![("grant_type", "password")], 400), (vec![("grant_type", "client_credentials")], 401)]
    {
        let request = app.visitor().request(reqwest::Method::POST, "/api/oauth/token").form(&form);
        let answer = app.visitor().send(request).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
        assert!(schema.is_valid(&answer.json()), "{}", answer.text);
    }
}

/// What the document says of a parameter of a `GET`.
fn parameter(document: &serde_json::Value, path: &str, name: &str) -> serde_json::Value {
    let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
    parameters.iter().find(|parameter| parameter["name"] == name).unwrap()["schema"].clone()
}

#[tokio::test]
async fn an_export_is_of_a_media_type_that_the_document_names() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let document = applicant.get("/api/openapi.json").await.ok();
    let content = &document["paths"]["/api/enrollments/export.{format}"]["get"]["responses"]["200"]["content"];
    for format in ["csv", "xlsx"] {
        let answer = applicant.get(&format!("/api/enrollments/export.{format}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let media_type = answer.headers["content-type"].split(';').next().unwrap();
        assert!(content.get(media_type).is_some(), "{media_type} is none of {content}");
    }
}

#[tokio::test]
async fn a_list_refuses_the_limits_that_the_document_excludes() {
    let app = TestApp::start();
    let everybody = app.actor("administratrice", &["administrator"]).await;
    let document = everybody.get("/api/openapi.json").await.ok();
    let mut count = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array();
        if !parameters.into_iter().flatten().any(|parameter| parameter["name"] == "limit") {
            continue;
        }
        count += 1;
        assert_eq!(parameter(&document, path, "limit")["minimum"], 1, "{path}");
        let path = path.replace("{siret}", "13002526500013").replace("{format}", "csv");
        // The mailbox is there in demonstrations alone.
        if !path.contains('{') && path != "/api/mailbox" {
            let answer = everybody.get(&format!("{path}?limit=0")).await;
            assert_eq!(answer.places(), ["?limit: out_of_range"], "{path}");
        }
    }
    assert!(count > 5, "{count} lists");
}

#[tokio::test]
async fn the_empty_filter_of_a_form_and_the_digits_of_a_siret_are_in_the_document() {
    let app = TestApp::start();
    let applicant = app.actor("demandeur", &[]).await;
    let document = applicant.get("/api/openapi.json").await.ok();
    let mut schema = parameter(&document, "/api/enrollments/public", "organization_kind");
    schema["components"] = document["components"].clone();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (kind, status) in [("", 200), ("state", 200), ("nothing", 422)] {
        let answer = applicant.get(&format!("/api/enrollments/public?organization_kind={kind}")).await;
        assert_eq!(answer.status, status, "{kind}: {}", answer.text);
        assert_eq!(schema.is_valid(&kind.into()), status == 200, "{kind}");
    }
    for path in ["", "/enrollments", "/granted_scopes"] {
        let path = format!("/api/organizations/{{siret}}{path}");
        assert_eq!(parameter(&document, &path, "siret")["$ref"], "#/components/schemas/Siret", "{path}");
    }
}
