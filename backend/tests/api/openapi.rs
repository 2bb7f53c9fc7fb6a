//! The OpenAPI document: current, complete, and readable without internet.

use crate::support::TestApp;

#[tokio::test]
async fn the_committed_document_is_current() {
    let committed = include_str!("../../../openapi/datapass.json");
    assert!(committed == datapass::openapi::text().unwrap(), "run `just openapi` and commit the result");
}

#[tokio::test]
async fn the_served_document_is_the_committed_one_and_its_page_needs_nothing_else() {
    let app = TestApp::start().await;
    let committed: serde_json::Value = serde_json::from_str(include_str!("../../../openapi/datapass.json")).unwrap();
    assert_eq!(app.visitor().get("/api/openapi.json").await.ok(), committed);

    let page = app.visitor().get("/api/docs/").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    for source in page.text.split("src=\"").skip(1).chain(page.text.split("href=\"").skip(1)) {
        assert!(source.starts_with("./") || source.starts_with('/') || !source.contains("//"), "{source}");
    }
}
