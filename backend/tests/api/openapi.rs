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
