/// A redis-server without persistence.
enum RedisService {
    static let port: UInt16 = 6379

    static var refusal: String? {
        InstalledProgram.path("redis-server") == nil
            ? "redis-server is not installed: apt install redis-server" : nil
    }

    static func service(in directory: String) -> Service {
        Service(
            port: port,
            server: Program(
                "redis-server",
                InstalledProgram.path("redis-server") ?? "redis-server",
                [
                    "--port", "\(port)", "--bind", "0.0.0.0", "--protected-mode", "no", "--save", "",
                    "--appendonly", "no", "--dir", directory,
                ]
            )
        )
    }
}
