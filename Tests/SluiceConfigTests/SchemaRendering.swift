import Foundation

@testable import SluiceConfig

/// The JSON Schema that says what the key table says.
enum SchemaRendering {
    static func render() -> [String: Any] {
        var schema = object(.document)
        schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        schema["title"] = "Sluice configuration"
        schema["$defs"] = [
            "size": ["type": "string", "pattern": "^[0-9]+([KkMmGg]([Ii]?[Bb])?|[Bb])?$"],
            "duration": ["type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"],
            // YAML reads some names as numbers or booleans; Sluice takes the text as it stands.
            "name": [
                "type": ["string", "number", "boolean"], "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
            ],
            "congestionControl": ["type": "string", "pattern": "^[!-~]{1,15}$"],
            "percent": ["type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,2})?%$"],
            "listen": ["type": "string", "pattern": "^(unix:/.{0,106}|(\(host))?:[0-9]{1,5})$"],
            // YAML reads it as a number, to whichever base.
            "mode": ["type": ["integer", "string"], "pattern": "^0?[0-7]{3}$"],
            "statuses": [
                "type": ["integer", "string"], "minimum": 100, "maximum": 599,
                "pattern": "^[1-5][0-9]{2}(-[1-5][0-9]{2})?$",
            ],
            "prefix": ["type": "string", "pattern": "^[0-9A-Fa-f:.]+(/[0-9]{1,3})?$"],
            "origin": [
                "type": "string",
                "pattern": "^(unix:/.{0,106}|srv:[A-Za-z0-9._-]+|(\(host)):0*[1-9][0-9]{0,4})$",
            ],
            "destination": [
                "type": "string",
                "pattern":
                    #"^([0-9.]+(/[0-9]{1,2})?(:\#(ports))?|[0-9A-Fa-f:.]+(/[0-9]{1,3})?|\[[0-9A-Fa-f:.]+(/[0-9]{1,3})?\](:\#(ports))?)$"#,
            ],
        ]
        return schema
    }

    private static let host = #"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+"#

    private static let ports = "[0-9]{1,5}(-[0-9]{1,5})?"

    private static func object(_ section: Section) -> [String: Any] {
        let required = section.keys.filter { $0.fallback == .required }.map(\.name)
        var schema: [String: Any] = [
            // A section whose keys are all commented out is null to YAML.
            "type": required.isEmpty ? ["object", "null"] : "object",
            "additionalProperties": false,
            "properties": Dictionary(uniqueKeysWithValues: section.keys.map { ($0.name, property($0)) }),
        ]
        if !required.isEmpty { schema["required"] = required }
        if section.key(named: "static") != nil {
            schema["if"] = ["properties": ["policy": ["const": "static"]], "required": ["policy"]]
            schema["then"] = ["required": ["static"]]
            schema["else"] = ["not": ["required": ["static"]]]
        }
        return schema
    }

    private static func property(_ key: Key) -> [String: Any] {
        var schema = value(key.kind)
        schema["description"] = key.meaning
        if case .text(let text) = key.fallback { schema["default"] = text }
        return schema
    }

    private static func value(_ kind: ValueKind) -> [String: Any] {
        switch kind {
        case .count(let range, nil): integer(range)
        case .count(let range, let word?): ["oneOf": [["const": word], integer(range)]]
        case .size(let range, let word):
            [
                "oneOf": (word.map { [["const": $0]] } ?? []) + [
                    integer(range.lowerBound.bytes...range.upperBound.bytes), reference("size"),
                ]
            ]
        case .duration(_, let words):
            words.isEmpty ? reference("duration") : ["oneOf": [["enum": words], reference("duration")]]
        case .choice(let words): ["enum": words]
        case .percent: reference("percent")
        case .choices(let words, let none):
            ["oneOf": [["enum": [none] + words], ["type": "array", "items": ["enum": words]]]]
        case .congestionControl: reference("congestionControl")
        case .flag: ["type": "boolean"]
        case .path: ["type": "string", "pattern": "^/"]
        case .name: reference("name")
        case .text: ["type": "string"]
        case .word: ["type": ["integer", "string"]]
        case .statuses: reference("statuses")
        case .listen: reference("listen")
        case .listens(let section):
            ["oneOf": oneOrMoreCases(["oneOf": [reference("listen"), object(section)]])]
        case .mode: reference("mode")
        case .origin: reference("origin")
        case .origins(let section, let word):
            ["oneOf": [["const": word]] + oneOrMoreCases(["oneOf": [reference("origin"), object(section)]])]
        case .prefixes: oneOrMore("prefix")
        case .destinations: oneOrMore("destination")
        case .section(let section, off: false): object(section)
        case .section(let section, off: true): ["oneOf": [["const": "off"], object(section)]]
        case .shorthand(let section, let name):
            ["oneOf": [section.key(named: name).map { value($0.kind) } ?? [:], object(section)]]
        case .sections(let section): ["type": "array", "minItems": 1, "items": object(section)]
        }
    }

    private static func integer(_ range: ClosedRange<Int>) -> [String: Any] {
        ["type": "integer", "minimum": range.lowerBound, "maximum": range.upperBound]
    }

    private static func oneOrMore(_ name: String) -> [String: Any] {
        ["oneOf": oneOrMoreCases(reference(name))]
    }

    private static func oneOrMoreCases(_ item: [String: Any]) -> [[String: Any]] {
        [item, ["type": "array", "minItems": 1, "items": item]]
    }

    private static func reference(_ name: String) -> [String: Any] { ["$ref": "#/$defs/\(name)"] }
}
