// swift-tools-version: 6.1
import PackageDescription

/// `make fuzz`: a libFuzzer program for each parser that meets the network or a file. No other build has a use for them.
let fuzzTargets: [Target] = [
    fuzzTarget("ProxyHeader", ["SluiceCore"]),
    fuzzTarget("Configuration", ["SluiceConfig"]),
    fuzzTarget("Bench", ["SluiceBench"]),
    fuzzTarget("TCPInfo", ["CSluiceLinux", "SluiceControl", "SluiceCore"]),
    fuzzTarget(
        "Admin",
        ["SluiceAdmin", "SluiceCore", "FlyingFox", .product(name: "Logging", package: "swift-log")]
    ),
]

func fuzzTarget(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    // libFuzzer brings the main function.
    let settings: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]
    return .executableTarget(
        name: "Fuzz\(name)",
        dependencies: dependencies,
        path: "Fuzz/\(name)",
        swiftSettings: settings
    )
}

let package = Package(
    name: "sluice",
    products: [
        .executable(name: "sluice", targets: ["sluice"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // The system's libuv and c-ares, and the few Linux calls that Swift cannot reach.
        .systemLibrary(name: "CLibuv", pkgConfig: "libuv", providers: [.apt(["libuv1-dev"])]),
        .systemLibrary(name: "CCares", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),
        .target(name: "CSluiceLinux"),

        // The adaptive policy: pure, samples in, decisions out.
        .target(name: "SluiceControl"),
        // Counters, histograms and the Prometheus text format.
        .target(name: "SluiceMetrics"),
        // The data plane: event loops, sockets, buffers, relays, the proxy.
        .target(
            name: "SluiceCore",
            dependencies: [
                "CCares", "CLibuv", "CSluiceLinux", "SluiceControl", "SluiceMetrics", "SluiceRandom",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // YAML in, `Configuration` out.
        .target(name: "SluiceConfig", dependencies: ["SluiceControl", "SluiceCore", "Yams"]),
        // The admin HTTP server.
        .target(
            name: "SluiceAdmin",
            dependencies: [
                "SluiceControl", "SluiceCore", "SluiceMetrics", "FlyingFox",
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        // The seeded random numbers: of the connections that are held back, of demo, lab and tests.
        .target(name: "SluiceRandom"),
        // The embedded demo origin.
        .target(
            name: "SluiceDemo",
            dependencies: ["SluiceRandom", "FlyingFox", .product(name: "FlyingSocks", package: "FlyingFox")]
        ),
        // The link emulator: network namespaces, TUN devices, and what happens to packets between them.
        .target(name: "CSluiceLab"),
        .target(name: "SluiceLab", dependencies: ["CSluiceLab", "SluiceRandom"]),
        // The bench: its protocol, its loads, what they measured, and the report.
        .target(
            name: "SluiceBench",
            dependencies: [
                "CSluiceLinux", "SluiceControl", "SluiceCore", "SluiceLab", "SluiceMetrics", "SluiceRandom",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]
        ),
        // The comparison: candidates on scenarios in the lab, in rounds, and what came of it.
        .target(
            name: "SluiceCompare",
            dependencies: ["SluiceBench", "SluiceConfig", "SluiceCore", "SluiceLab", "SluiceRandom"]
        ),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "SluiceCore", "SluiceConfig", "SluiceAdmin", "SluiceBench", "SluiceCompare", "SluiceDemo",
                "SluiceLab",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        .testTarget(name: "SluiceControlTests", dependencies: ["SluiceControl", "SluiceRandom"]),
        .testTarget(name: "SluiceMetricsTests", dependencies: ["SluiceMetrics"]),
        .testTarget(
            name: "SluiceCoreTests",
            dependencies: [
                "CSluiceLinux", "SluiceControl", "SluiceCore", "SluiceMetrics", "SluiceRandom",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "SluiceConfigTests",
            dependencies: ["SluiceConfig", "SluiceCore", "SluiceControl", "SluiceRandom", "Yams"]
        ),
        .testTarget(
            name: "SluiceAdminTests",
            dependencies: [
                "SluiceAdmin", "SluiceControl", "SluiceCore", "SluiceMetrics",
                .product(name: "FlyingSocks", package: "FlyingFox"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "SluiceDemoTests",
            dependencies: ["SluiceDemo", "SluiceRandom", .product(name: "FlyingSocks", package: "FlyingFox")]
        ),
        .testTarget(name: "SluiceLabTests", dependencies: ["CSluiceLab", "SluiceLab", "SluiceRandom"]),
        .testTarget(
            name: "SluiceBenchTests",
            dependencies: [
                "SluiceBench", "SluiceControl", "SluiceCore", "SluiceLab", "SluiceRandom",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]
        ),
        .testTarget(
            name: "SluiceCompareTests",
            dependencies: ["SluiceBench", "SluiceCompare", "SluiceConfig", "SluiceLab", "SluiceRandom"]
        ),
        // Whole processes: the built `sluice` between real clients and real servers.
        .testTarget(name: "IntegrationTests", dependencies: ["sluice", "SluiceRandom"]),
    ]
)

if Context.environment["SLUICE_FUZZ"] != nil {
    // libFuzzer's main function is in every program of the build: those with their own do not link.
    package.products = []
    package.targets = package.targets.filter { $0.type != .executable && $0.type != .test } + fuzzTargets
}
