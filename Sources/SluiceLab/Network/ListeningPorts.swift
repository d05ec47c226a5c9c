import Glibc

extension LabHost {
    /// The TCP ports that programs in this host listen on: how one knows that a server is ready.
    public func listeningPorts() throws(LabError) -> Set<UInt16> {
        var ports: Set<UInt16> = []
        for table in ["tcp", "tcp6"] {
            // Without IPv6 in the kernel there is no second table.
            guard let file = try? open("/proc/net/\(table)") else { continue }
            defer { close(file) }
            ports.formUnion(Self.listening(in: text(of: file)))
        }
        return ports
    }

    /// A line is `0: 0100007F:1F90 00000000:0000 0A ...`: the local address, the other, and the state; 0A is LISTEN.
    private static func listening(in table: String) -> [UInt16] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 3, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":") else {
                return nil
            }
            return UInt16(fields[1][fields[1].index(after: colon)...], radix: 16)
        }
    }

    private func text(of file: Int32) -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(file, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
