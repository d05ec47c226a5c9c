import Foundation
import Testing
import Yams

/// As much of JSON Schema 2020-12 as `docs/sluice.schema.json` uses. A keyword that is not known here fails the test.
struct SchemaValidator {
    private let root: [String: Any]

    init(contentsOfFile path: String) throws {
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path)))
        root = try #require(json as? [String: Any])
    }

    func accepts(_ node: Node?) -> Bool {
        isValid(JSONValue(node), root)
    }

    private func isValid(_ value: JSONValue, _ schema: [String: Any]) -> Bool {
        schema.allSatisfy { keyword, rule in holds(keyword, rule, for: value, in: schema) }
    }

    private func holds(_ keyword: String, _ rule: Any, for value: JSONValue, in schema: [String: Any]) -> Bool
    {
        switch (keyword, rule) {
        case ("$schema", _), ("$defs", _), ("title", _), ("description", _), ("default", _): return true
        // Judged together with `if`, and with `properties`.
        case ("then", _), ("else", _): return schema["if"] != nil
        case ("additionalProperties", false as Bool): return hasOnly(schema["properties"], value)
        case ("$ref", let pointer as String): return isValid(value, definition(pointer))
        case ("type", let types as [String]): return types.contains { value.isA($0) }
        case ("type", let type as String): return value.isA(type)
        case ("const", let text as String): return value == .string(text)
        case ("enum", let texts as [String]): return texts.contains { value == .string($0) }
        case ("pattern", let pattern as String):
            guard case .string(let text) = value else { return true }
            return text.range(of: pattern, options: .regularExpression) != nil
        case ("minimum", let bound as Int):
            guard case .integer(let number) = value else { return true }
            return number >= bound
        case ("maximum", let bound as Int):
            guard case .integer(let number) = value else { return true }
            return number <= bound
        case ("minItems", let count as Int):
            guard case .array(let items) = value else { return true }
            return items.count >= count
        case ("items", let item as [String: Any]):
            guard case .array(let items) = value else { return true }
            return items.allSatisfy { isValid($0, item) }
        case ("required", let names as [String]):
            guard case .object(let members) = value else { return true }
            return names.allSatisfy { members[$0] != nil }
        case ("properties", let properties as [String: [String: Any]]):
            guard case .object(let members) = value else { return true }
            return members.allSatisfy { name, member in properties[name].map { isValid(member, $0) } ?? true }
        case ("oneOf", let schemas as [[String: Any]]):
            return schemas.filter { isValid(value, $0) }.count == 1
        case ("not", let schema as [String: Any]): return !isValid(value, schema)
        case ("if", let condition as [String: Any]):
            let branch = isValid(value, condition) ? schema["then"] : schema["else"]
            return (branch as? [String: Any]).map { isValid(value, $0) } ?? true
        default:
            Issue.record("the validator does not know \(keyword): \(rule)")
            return false
        }
    }

    private func hasOnly(_ properties: Any?, _ value: JSONValue) -> Bool {
        guard case .object(let members) = value else { return true }
        let known = (properties as? [String: Any]) ?? [:]
        return members.keys.allSatisfy { known[$0] != nil }
    }

    private func definition(_ pointer: String) -> [String: Any] {
        let name = String(pointer.dropFirst("#/$defs/".count))
        guard let definition = (root["$defs"] as? [String: Any])?[name] as? [String: Any] else {
            Issue.record("the schema has no \(pointer)")
            return [:]
        }
        return definition
    }
}

/// A YAML node as an editor sees it: YAML 1.2's core schema decides what a plain scalar is.
enum JSONValue: Equatable {
    case null, bool, number
    case integer(Int)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(_ node: Node?) {
        switch node {
        case nil, .alias: self = .null
        case .scalar(let scalar):
            self = scalar.style == .plain ? Self.plain(scalar.string) : .string(scalar.string)
        case .sequence(let sequence): self = .array(sequence.map(JSONValue.init))
        case .mapping(let mapping):
            self = .object(
                Dictionary(mapping.map { ($0.key.scalar?.string ?? "", JSONValue($0.value)) }) { $1 }
            )
        }
    }

    func isA(_ type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .bool: type == "boolean"
        case .number: type == "number"
        case .integer: type == "integer" || type == "number"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }

    private static func plain(_ text: String) -> JSONValue {
        if ["", "~", "null", "Null", "NULL"].contains(text) { return .null }
        if ["true", "True", "TRUE", "false", "False", "FALSE"].contains(text) { return .bool }
        if text.wholeMatch(of: /[-+]?[0-9]+/) != nil { return Int(text).map(JSONValue.integer) ?? .number }
        return text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil
            ? .number : .string(text)
    }
}
