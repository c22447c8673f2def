//! CapabilityStatement: what this server does, written from the very definitions that it searches by, so that it cannot promise more.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::US_CORE;
use crate::json::Object;
use crate::search::{Definition, Kind};

/// What a server does.
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// The program's version.
    pub version: String,
    /// When the program was built or set up.
    pub date: Timestamp,
    /// The server's FHIR address without a closing slash.
    pub base: String,
    /// How callers sign in.
    pub security: Option<Security>,
    /// Resource types, in the order in which they are listed.
    pub resources: Vec<ResourceCapability>,
}

/// How callers sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// A sentence for a person.
    pub description: String,
    /// Where SMART apps ask for leave; none where SMART isn't offered.
    pub authorize: Option<String>,
    /// Where SMART apps fetch tokens.
    pub token: Option<String>,
}

/// What a server does with one resource type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceCapability {
    /// The resource type.
    pub kind: &'static str,
    /// Names of US Core profiles: `patient`, `encounter` …
    pub profiles: &'static [&'static str],
    /// `read`, `vread`, `search-type`, `history-instance`, `create`, `update` …
    pub interactions: &'static [&'static str],
    /// Parameters of this resource, without those that every resource has.
    pub parameters: &'static [Definition],
    /// Which combinations of parameters are promised together.
    pub combinations: &'static [&'static [&'static str]],
}

/// Writes a CapabilityStatement.
#[must_use]
pub fn capability_statement(capability: &Capability) -> Value {
    let rest = Object::default()
        .put("mode", "server")
        .put("security", capability.security.as_ref().map(security))
        .list("resource", capability.resources.iter().map(resource));
    let guides = if capability
        .resources
        .iter()
        .any(|resource| !resource.profiles.is_empty())
    {
        vec!["http://hl7.org/fhir/us/core/ImplementationGuide/hl7.fhir.us.core|6.1.0"]
    } else {
        Vec::new()
    };
    Object::resource("CapabilityStatement")
        .put("url", format!("{}/metadata", capability.base))
        .put("version", capability.version.as_str())
        .put("name", "MentalSpace")
        .put("title", "MentalSpace FHIR server")
        .put("status", "active")
        .put("date", capability.date.to_string())
        .put("kind", "instance")
        .put(
            "software",
            json!({"name": "MentalSpace", "version": capability.version}),
        )
        .put(
            "implementation",
            json!({"description": "MentalSpace FHIR server", "url": capability.base}),
        )
        .put("fhirVersion", "4.0.1")
        .put("format", json!(["json"]))
        .put("implementationGuide", guides)
        .list("rest", [rest.done()])
        .done()
}

fn security(security: &Security) -> Value {
    let part = |url: &str, value: &Option<String>| value.as_ref().map(|value| json!({"url": url, "valueUri": value}));
    let parts: Vec<Value> = [part("authorize", &security.authorize), part("token", &security.token)]
        .into_iter()
        .flatten()
        .collect();
    let smart = !parts.is_empty();
    let addresses =
        json!({"url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris", "extension": parts});
    let service = json!({"coding": [{
        "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
        "code": "SMART-on-FHIR",
    }]});
    Object::default()
        .list("extension", smart.then_some(addresses))
        .list("service", smart.then_some(service))
        .put("description", security.description.as_str())
        .done()
}

fn resource(resource: &ResourceCapability) -> Value {
    let has = |interaction: &str| resource.interactions.contains(&interaction);
    let versioning = if has("update") { "versioned-update" } else { "versioned" };
    let common = [("_id", "token"), ("_lastUpdated", "date")].into_iter();
    // A chained parameter ("patient.identifier") follows from the one it begins with and isn't listed by itself.
    let own = resource
        .parameters
        .iter()
        .filter(|definition| !definition.name.contains('.'));
    let own = own.map(|definition| (definition.name, definition.kind.as_str()));
    let parameters = common.chain(own).filter(|_| has("search-type"));
    let parameters = parameters.map(|(name, kind)| json!({"name": name, "type": kind}));
    let profiles = resource
        .profiles
        .iter()
        .map(|profile| Value::from(format!("{US_CORE}{profile}")));
    let interactions = resource.interactions.iter().map(|code| json!({"code": code}));
    let policy = resource
        .parameters
        .iter()
        .any(|definition| definition.kind == Kind::Reference)
        .then_some(["literal"]);
    Object::default()
        .list(
            "extension",
            resource.combinations.iter().map(|names| combination(names)),
        )
        .put("type", resource.kind)
        .list("supportedProfile", profiles)
        .list("interaction", interactions)
        .put("versioning", versioning)
        .list("referencePolicy", policy.into_iter().flatten().map(Value::from))
        .list("searchParam", parameters)
        .done()
}

fn combination(names: &[&str]) -> Value {
    let required = names.iter().map(|name| json!({"url": "required", "valueString": name}));
    json!({
        "url": "http://hl7.org/fhir/StructureDefinition/capabilitystatement-search-parameter-combination",
        "extension": required.collect::<Vec<_>>(),
    })
}
