import SluiceControl
import SluiceCore

extension RouteConfiguration {
    /// The one route of a command line without a file: `--listen ADDR --to ADDR [--class C]`.
    ///
    /// It is named `default`. Throws every problem of the three flags at once.
    public init(listenFlags: [String], toFlag: String, classFlag: String?) throws(ConfigurationProblems) {
        let log = ProblemLog(file: nil)
        let listen = listenFlags.compactMap { text in
            Self.read("--listen", log) { () throws(AddressTextError) in try ListenAddress(parsing: text) }
        }
        let origin = Self.read("--to", log) { () throws(AddressTextError) in
            try OriginAddress(parsing: toFlag)
        }
        let flowClass = Self.flowClass(classFlag, log)
        if listenFlags.isEmpty {
            log.report("no address is given (allowed: \(ListenAddress.allowed))", key: "--listen", at: nil)
        }
        if let origin, listen.contains(where: { origin.address.leads(to: $0.address) }) {
            log.report(
                "\(origin) is the route's own listener: it would connect to itself",
                key: "--to",
                at: nil
            )
        }
        try log.throwIfAny()
        guard let origin else { preconditionFailure("an origin was refused without a reason") }
        self.init(name: "default", listen: listen, origin: origin)
        self.flowClass = flowClass
    }

    private static func flowClass(_ text: String?, _ log: ProblemLog) -> FlowClass? {
        guard let text, text != "auto" else { return nil }
        if let flowClass = FlowClass(rawValue: text) { return flowClass }
        let words = ["auto"] + FlowClass.allCases.map(\.rawValue)
        let hint = Suggestion.nearest(to: text, among: words).map { "did you mean '\($0)'? " } ?? ""
        let message =
            "\(Printable.quoted(text)) is not a class (\(hint)allowed: \(words.joined(separator: ", ")))"
        log.report(message, key: "--class", at: nil)
        return nil
    }

    private static func read<Value>(
        _ flag: String,
        _ log: ProblemLog,
        _ parse: () throws(AddressTextError) -> Value
    ) -> Value? {
        do {
            return try parse()
        } catch {
            log.report(error.description, key: flag, at: nil)
            return nil
        }
    }
}
