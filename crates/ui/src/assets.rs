//! Styles, scripts, fonts and drawings: embedded in the binary, addressed by their content, sent compressed.
//!
//! Knows nothing of pages. A path such as `css/app.css` is logical; `path` turns it into `/assets/<hash>/css/app.css`, which may be
//! kept by a browser for ever, because other bytes have another address. All styles become one file, in the order of
//! `assets/css/order.txt`; scripts stay ES modules that an import map finds.
//!
//! Invariants: nothing is served that is not embedded; the policy allows no inline script but the import map, by its hash.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{LazyLock, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use sha2::{Digest as _, Sha256};

use crate::calendar;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// For an address of another version of the program, while an upgrade runs: what is here now, asked for again next time.
const ASK_AGAIN: &str = "no-cache";

/// The one style file that all others become.
const STYLES: &str = "css/app.css";

struct Asset {
    bytes: Bytes,
    hash: String,
    media_type: &'static str,
    brotli: OnceLock<Option<Bytes>>,
    gzip: OnceLock<Option<Bytes>>,
}

impl Asset {
    fn new(logical: &str, bytes: Bytes) -> Self {
        let hash = hex_prefix(&Sha256::digest(&bytes));
        Self {
            bytes,
            hash,
            media_type: media_type(logical),
            brotli: OnceLock::new(),
            gzip: OnceLock::new(),
        }
    }

    fn is_compressible(&self) -> bool {
        self.media_type.starts_with("text/") || self.media_type == "image/svg+xml"
    }

    /// The form to send to a client that accepts these encodings, with the encoding's name.
    fn encoded(&self, accepted: &str) -> (Bytes, Option<&'static str>) {
        if self.is_compressible()
            && accepts(accepted, "br")
            && let Some(bytes) = self.brotli.get_or_init(|| brotli(&self.bytes))
        {
            return (bytes.clone(), Some("br"));
        }
        if self.is_compressible()
            && accepts(accepted, "gzip")
            && let Some(bytes) = self.gzip.get_or_init(|| gzip(&self.bytes))
        {
            return (bytes.clone(), Some("gzip"));
        }
        (self.bytes.clone(), None)
    }
}

static CATALOGUE: LazyLock<BTreeMap<&'static str, Asset>> = LazyLock::new(|| {
    let mut catalogue: BTreeMap<&'static str, Asset> = FILES
        .iter()
        .filter(|(logical, _)| is_served(logical))
        .map(|(logical, bytes)| (*logical, Asset::new(logical, Bytes::from_static(bytes))))
        .collect();
    let styles = with_hashed_addresses(&bundled_styles(), &catalogue);
    catalogue.insert(STYLES, Asset::new(STYLES, Bytes::from(styles)));
    catalogue
});

static IMPORT_MAP: LazyLock<String> = LazyLock::new(|| {
    let modules: serde_json::Map<String, serde_json::Value> = modules()
        .map(|(name, logical)| (name, serde_json::Value::String(path(logical))))
        .collect();
    serde_json::json!({ "imports": modules }).to_string()
});

/// Turbo puts one fixed style element into the page, for a bar that is never shown; this is that element's hash, and nothing else
/// inline passes. A test computes it from the vendored file.
const TURBO_STYLE: &str = "sha256-WAyOw4V+FqDc35lQPyRADLBWbuNK8ahvYEaQIYF1+Ps=";

static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(IMPORT_MAP.as_bytes()));
    format!(
        "default-src 'none'; script-src 'self' 'sha256-{hash}'; style-src 'self' '{TURBO_STYLE}'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    )
});

/// The routes that serve every asset, and the icon that browsers ask for unbidden.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/assets/{hash}/{*logical}", get(serve)).route(
        "/favicon.ico",
        get(|headers: HeaderMap| async move { respond("icons/favicon.svg", None, &headers) }),
    )
}

/// The address of an asset by its logical path, such as `css/app.css`. An unknown one gets an address that answers 404.
pub fn path(logical: &str) -> String {
    CATALOGUE.get(logical).map_or_else(
        || format!("/assets/missing/{logical}"),
        |asset| format!("/assets/{}/{logical}", asset.hash),
    )
}

/// The import map as JSON: what scripts import by name, and where it is. A page embeds it unchanged.
pub fn import_map() -> String {
    IMPORT_MAP.clone()
}

/// Addresses of the modules that every page runs, for `<link rel="modulepreload">`, so that they are fetched side by side.
pub fn preloads() -> Vec<String> {
    // Drawing is rare; its library is fetched by the page that has a signature field.
    modules()
        .filter(|(name, _)| name != "signature_pad" && name != "app")
        .map(|(_, logical)| path(logical))
        .collect()
}

/// The Content-Security-Policy of every page.
pub fn content_security_policy() -> &'static str {
    &POLICY
}

/// The bytes that an asset's address answers, for those who need them without a server (tests, documents).
pub fn bytes(logical: &str) -> Option<&'static [u8]> {
    CATALOGUE.get(logical).map(|asset| asset.bytes.as_ref())
}

/// The licences of third-party files that pages load, as Markdown.
pub fn notices() -> &'static str {
    text("vendor/NOTICES.md").unwrap_or_default()
}

/// The text of an embedded file by its path under `assets/`.
pub(crate) fn text(logical: &str) -> Option<&'static str> {
    FILES
        .iter()
        .find(|(known, _)| *known == logical)
        .and_then(|(_, bytes)| std::str::from_utf8(bytes).ok())
}

async fn serve(Path((hash, logical)): Path<(String, String)>, headers: HeaderMap) -> Response {
    respond(&logical, Some(&hash), &headers)
}

fn respond(logical: &str, hash: Option<&str>, headers: &HeaderMap) -> Response {
    let Some(asset) = CATALOGUE.get(logical) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let header = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
            .unwrap_or_default()
    };
    let (bytes, encoding) = asset.encoded(header(ACCEPT_ENCODING));
    let tag = format!(
        "\"{}{}\"",
        asset.hash,
        encoding.map(|name| format!("-{name}")).unwrap_or_default()
    );
    let keep = if hash == Some(asset.hash.as_str()) {
        FOR_EVER
    } else {
        ASK_AGAIN
    };

    let mut response = if header(IF_NONE_MATCH).split(',').any(|known| known.trim() == tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Response::new(Body::from(bytes))
    };
    let answer = response.headers_mut();
    answer.insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    answer.insert(CONTENT_TYPE, HeaderValue::from_static(asset.media_type));
    answer.insert(VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.insert(ETAG, tag);
    }
    if let Some(name) = encoding {
        answer.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    }
    response
}

/// What scripts may import by name: `app`, the vendored libraries, and each controller as `controllers/<name>`.
fn modules() -> impl Iterator<Item = (String, &'static str)> {
    const LIBRARIES: [(&str, &str); 3] = [
        ("@hotwired/stimulus", "vendor/stimulus.js"),
        ("@hotwired/turbo", "vendor/turbo.js"),
        ("signature_pad", "vendor/signature_pad.js"),
    ];
    let own = FILES
        .iter()
        .filter_map(|(logical, _)| Some((logical.strip_prefix("js/")?.strip_suffix(".js")?.to_owned(), *logical)));
    LIBRARIES
        .into_iter()
        .map(|(name, logical)| (name.to_owned(), logical))
        .chain(own)
}

/// Papers about the files (manifest, licences, order) and the style parts are embedded but not served.
fn is_served(logical: &str) -> bool {
    !matches!(logical.rsplit('.').next(), Some("css" | "toml" | "md" | "txt"))
}

fn bundled_styles() -> String {
    let mut bundle = String::new();
    let order = text("css/order.txt").unwrap_or_default();
    for name in order
        .lines()
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
    {
        bundle.push_str(text(&format!("css/{name}")).unwrap_or_default());
        bundle.push('\n');
        if name == "calendar.css" {
            bundle.push_str(&calendar::placement_rules());
        }
    }
    without_comments(&bundle)
}

/// Comments are for whoever reads the parts; the browser is spared them.
fn without_comments(styles: &str) -> String {
    let mut lean = String::with_capacity(styles.len());
    let mut rest = styles;
    while let Some((before, after)) = rest.split_once("/*") {
        lean.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    lean.push_str(rest);
    let mut lines = String::with_capacity(lean.len());
    for line in lean.lines().map(str::trim).filter(|line| !line.is_empty()) {
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

/// Styles name a file as `/assets/fonts/sans.woff2`; its address holds its hash.
fn with_hashed_addresses(styles: &str, catalogue: &BTreeMap<&'static str, Asset>) -> String {
    const START: &str = "/assets/";
    let mut rewritten = String::with_capacity(styles.len());
    let mut parts = styles.split(START);
    rewritten.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let end = part.find(['"', '\'', ')', '#']).unwrap_or(part.len());
        rewritten.push_str(START);
        if let Some(asset) = catalogue.get(&part[..end]) {
            rewritten.push_str(&asset.hash);
            rewritten.push('/');
        }
        rewritten.push_str(part);
    }
    rewritten
}

fn media_type(logical: &str) -> &'static str {
    match logical.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// Whether an `Accept-Encoding` header allows this encoding (RFC 9110, 12.5.3): named, and not with a weight of nought.
fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts
            .find_map(|part| part.strip_prefix("q="))
            .and_then(|weight| weight.parse::<f32>().ok());
        is_named && weight.unwrap_or(1.0) > 0.0
    })
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

fn brotli(bytes: &[u8]) -> Option<Bytes> {
    // Quality 9 is within some 4 % of the best, in a twentieth of the time.
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 9,
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &settings).ok()?;
    Some(Bytes::from(compressed))
}

/// Twelve hexadecimal digits, which tell any two versions of a file apart.
fn hex_prefix(digest: &[u8]) -> String {
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[derive(serde::Deserialize)]
    struct Manifest {
        file: Vec<Listed>,
    }

    #[derive(serde::Deserialize)]
    struct Listed {
        path: String,
        name: String,
        version: String,
        licence: String,
        source: String,
        sha256: String,
    }

    fn manifest() -> Vec<Listed> {
        toml::from_str::<Manifest>(text("vendor/manifest.toml").unwrap())
            .unwrap()
            .file
    }

    #[test]
    fn every_foreign_file_is_listed_with_its_checksum() {
        let listed = manifest();
        for file in &listed {
            let (_, bytes) = FILES
                .iter()
                .find(|(logical, _)| *logical == file.path)
                .expect(&file.path);
            let found: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(found, file.sha256, "{} is not what was vendored", file.path);
        }
        let known: BTreeSet<&str> = listed.iter().map(|file| file.path.as_str()).collect();
        // Ours among them: the papers, and the icon of the product.
        let own = ["vendor/manifest.toml", "vendor/NOTICES.md", "icons/favicon.svg"];
        for (logical, _) in FILES {
            let is_foreign = ["vendor/", "fonts/", "icons/"]
                .iter()
                .any(|folder| logical.starts_with(folder))
                && !own.contains(logical);
            assert!(
                !is_foreign || known.contains(logical),
                "{logical} is not in the manifest"
            );
        }
    }

    #[test]
    fn every_foreign_file_has_its_licence_among_the_notices() {
        for file in manifest() {
            let package = file
                .source
                .strip_prefix("npm:")
                .and_then(|rest| rest.split(' ').next())
                .unwrap();
            let heading = format!(
                "## {} {} ({}",
                package.rsplit_once('@').unwrap().0,
                file.version,
                file.licence
            );
            assert!(
                notices().contains(&heading),
                "{}: no notice headed {heading}",
                file.name
            );
        }
    }

    #[test]
    fn the_policy_names_the_import_map_as_it_is_embedded() {
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(import_map()));
        assert!(content_security_policy().contains(&format!("script-src 'self' 'sha256-{hash}';")));
        assert!(!content_security_policy().contains("unsafe"));
        assert!(!import_map().contains('<'), "the map is embedded as it stands");
    }

    #[test]
    fn the_policy_names_turbos_one_style_element() {
        let turbo = text("vendor/turbo.js").unwrap();
        let template = turbo
            .split("return unindent`\n")
            .nth(1)
            .and_then(|rest| rest.split('`').next())
            .unwrap();
        let filled = template
            .replace("${ProgressBar.animationDuration / 2}", "150")
            .replace("${ProgressBar.animationDuration}", "300");
        let indent = filled.len() - filled.trim_start().len();
        let style: Vec<&str> = filled
            .split('\n')
            .map(|line| line.get(indent..).unwrap_or_default())
            .collect();
        let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style.join("\n")));
        assert_eq!(TURBO_STYLE, format!("sha256-{hash}"));
    }

    #[test]
    fn every_import_is_in_the_map_and_every_address_is_served() {
        let map: serde_json::Value = serde_json::from_str(&import_map()).unwrap();
        for address in map["imports"].as_object().unwrap().values() {
            let logical = address.as_str().unwrap().splitn(4, '/').nth(3).unwrap();
            assert!(CATALOGUE.contains_key(logical), "{logical}");
        }
        for (logical, bytes) in FILES.iter().filter(|(logical, _)| logical.starts_with("js/")) {
            let source = std::str::from_utf8(bytes).unwrap();
            let plain = source.lines().filter_map(|line| line.strip_prefix("import "));
            for line in plain.chain(source.split("import(").skip(1)) {
                let name = line.split('"').nth(1).unwrap();
                assert!(map["imports"].get(name).is_some(), "{logical} imports {name}");
            }
        }
    }

    #[test]
    fn no_controller_is_longer_than_120_lines_and_each_is_registered() {
        let app = text("js/app.js").unwrap();
        for (logical, bytes) in FILES
            .iter()
            .filter(|(logical, _)| logical.starts_with("js/controllers/"))
        {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
            assert!(lines <= 120, "{logical} has {lines} lines");
            let name = logical.trim_start_matches("js/controllers/").trim_end_matches(".js");
            assert!(app.contains(&format!("\"{name}\": ")), "{name} is not registered");
        }
    }

    #[test]
    fn every_style_file_is_in_the_order_and_the_bundle_has_no_dead_address() {
        let order: BTreeSet<&str> = text("css/order.txt").unwrap().lines().collect();
        for (logical, _) in FILES {
            if let Some(name) = logical.strip_prefix("css/").filter(|name| *name != "order.txt") {
                assert!(order.contains(name), "{name} is not in order.txt");
            }
        }
        for name in order.iter().filter(|name| !name.is_empty()) {
            assert!(
                text(&format!("css/{name}")).is_some(),
                "{name} stands in order.txt but is not there"
            );
        }
        let styles = std::str::from_utf8(&CATALOGUE[STYLES].bytes).unwrap();
        for address in styles.split("/assets/").skip(1) {
            let (hash, rest) = address.split_once('/').unwrap();
            let logical = rest.split(['"', '\'', ')']).next().unwrap();
            assert_eq!(
                CATALOGUE.get(logical).map(|asset| asset.hash.as_str()),
                Some(hash),
                "{logical}"
            );
        }
    }

    fn asked(name: axum::http::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn an_asset_is_kept_for_ever_under_its_own_address_only() {
        let hash = CATALOGUE[STYLES].hash.clone();
        let answer = respond(STYLES, Some(&hash), &asked(ACCEPT_ENCODING, "gzip, br;q=0.9"));
        assert_eq!(answer.headers()[CACHE_CONTROL], FOR_EVER);
        assert_eq!(answer.headers()[CONTENT_ENCODING], "br");
        assert_eq!(answer.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
        let other = respond(STYLES, Some("000000000000"), &HeaderMap::new());
        assert_eq!(other.headers()[CACHE_CONTROL], ASK_AGAIN);
        assert!(!other.headers().contains_key(CONTENT_ENCODING));
        let known = answer.headers()[ETAG].to_str().unwrap().replace("-br", "");
        assert_eq!(
            respond(STYLES, Some(&hash), &asked(IF_NONE_MATCH, &known)).status(),
            StatusCode::NOT_MODIFIED
        );
    }

    #[test]
    fn what_is_not_an_asset_is_not_found() {
        for logical in [
            "css/nothing.css",
            "vendor/manifest.toml",
            "css/tokens.css",
            "../Cargo.toml",
            "",
        ] {
            assert_eq!(
                respond(logical, None, &HeaderMap::new()).status(),
                StatusCode::NOT_FOUND,
                "{logical}"
            );
        }
        assert_eq!(path("nothing.css"), "/assets/missing/nothing.css");
    }

    #[test]
    fn an_encoding_with_a_weight_of_nought_is_refused() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("GZIP;q=0.5", "gzip"));
        assert!(!accepts("br;q=0", "br"));
        assert!(!accepts("brotli", "br"));
        assert!(!accepts("", "gzip"));
    }

    #[test]
    fn comments_are_left_out_of_the_bundle() {
        assert_eq!(
            without_comments("/* a\n b */\n  x { y: z; } /* c */\n\n"),
            "x { y: z; }\n"
        );
    }
}
