using System.CommandLine;
using Flotilla.ClusterCore.Resources;
using Flotilla.NodeAgent.Kubelet;
using Flotilla.NodeAgent.Kubelet.Eviction;
using Flotilla.NodeAgent.Kubelet.Qos;

namespace Flotilla.NodeAgent.Host;

/// <summary>Those flags of <c>nodeagent run</c> that the real kubelet has too, by the same names.</summary>
internal static class KubeletFlags
{
    private static readonly Option<string> EvictionHard = Text("--eviction-hard", "When pods are evicted at once.", EvictionThreshold.DefaultHard);
    private static readonly Option<string> EvictionSoft = Text("--eviction-soft", "When pods are evicted after a grace period.", "");
    private static readonly Option<string> EvictionSoftGracePeriod = Text("--eviction-soft-grace-period", "The grace periods: memory.available=1m30s.", "");
    private static readonly Option<int> EvictionMaxPodGracePeriod = Number("--eviction-max-pod-grace-period", "Seconds that a pod has when it is evicted softly.", 30);
    private static readonly Option<string> EvictionPressureTransitionPeriod = Text("--eviction-pressure-transition-period", "How long a condition of pressure stays.", "5m");
    private static readonly Option<string> SystemReserved = Text("--system-reserved", "Kept back for the system: cpu=100m,memory=200Mi,ephemeral-storage=1Gi.", "");
    private static readonly Option<string> KubeReserved = Text("--kube-reserved", "Kept back for the cluster's own processes.", "");
    private static readonly Option<int> MaxPods = Number("--max-pods", "How many pods the node takes.", 110);
    private static readonly Option<int> PodMaxPids = Number("--pod-max-pids", "Processes and threads of one pod; 0 for no limit.", 4096);
    private static readonly Option<string> ShutdownGracePeriod = Text("--shutdown-grace-period", "How long pods have to end when the machine goes down.", "30s");
    private static readonly Option<string> ShutdownGracePeriodCriticalPods = Text("--shutdown-grace-period-critical-pods", "The part of it for critical pods.", "10s");
    private static readonly Option<string> ShutdownGracePeriodByPodPriority = Text("--shutdown-grace-period-by-pod-priority", "In place of both, by priority: 0=20s,10000=10s.", "");
    private static readonly Option<int> ImageGcHighThreshold = Number("--image-gc-high-threshold", "Percent of the disk in use above which images are removed.", 85);
    private static readonly Option<int> ImageGcLowThreshold = Number("--image-gc-low-threshold", "Percent in use at which that ends.", 80);
    private static readonly Option<string> MinimumImageTtlDuration = Text("--minimum-image-ttl-duration", "An image that came later than that is not removed.", "2m");
    private static readonly Option<string> ContainerLogMaxSize = Text("--container-log-max-size", "How long a log file becomes.", "10Mi");
    private static readonly Option<int> ContainerLogMaxFiles = Number("--container-log-max-files", "How many files of one log are kept.", 5);
    private static readonly Option<string> PodLogsDir = Text("--pod-logs-dir", "Where pods' logs are; links to them are made in its neighbour containers.", "/var/log/pods");
    private static readonly Option<string> NodeLabels = Text("--node-labels", "Labels of the node: disk=ssd,zone=a.", "");
    private static readonly Option<bool> RotateServerCertificates = new("--rotate-server-certificates") { Description = "Serve with a certificate of the cluster's, which somebody must approve." };
    private static readonly Option<string?> ProblemRules = new("--problem-rules") { Description = "A JSON file of problem detector rules in place of the built-in ones." };

    public static void AddTo(Command command)
    {
        Option[] all =
        [
            EvictionHard, EvictionSoft, EvictionSoftGracePeriod, EvictionMaxPodGracePeriod, EvictionPressureTransitionPeriod, SystemReserved, KubeReserved, MaxPods, PodMaxPids,
            ShutdownGracePeriod, ShutdownGracePeriodCriticalPods, ShutdownGracePeriodByPodPriority, ImageGcHighThreshold, ImageGcLowThreshold, MinimumImageTtlDuration, ContainerLogMaxSize, ContainerLogMaxFiles, PodLogsDir, NodeLabels, ProblemRules, RotateServerCertificates,
        ];
        foreach (var option in all)
        {
            command.Add(option);
        }
    }

    /// <exception cref="FormatException">A flag's value is none.</exception>
    public static Func<KubeletOptions, KubeletOptions> Read(ParseResult parsed) => options => options with
    {
        EvictionThresholds =
        [
            .. EvictionThreshold.Parse(parsed.GetRequiredValue(EvictionHard)),
            .. EvictionThreshold.Parse(parsed.GetRequiredValue(EvictionSoft), parsed.GetRequiredValue(EvictionSoftGracePeriod)),
        ],
        EvictionMaxPodGrace = TimeSpan.FromSeconds(parsed.GetRequiredValue(EvictionMaxPodGracePeriod)),
        EvictionPressureTransition = Duration(parsed.GetRequiredValue(EvictionPressureTransitionPeriod)),
        Reserved = ReservedResources.Parse(parsed.GetRequiredValue(SystemReserved)) + ReservedResources.Parse(parsed.GetRequiredValue(KubeReserved)),
        MaxPods = parsed.GetRequiredValue(MaxPods),
        PodMaxPids = parsed.GetRequiredValue(PodMaxPids),
        ShutdownGrace = Duration(parsed.GetRequiredValue(ShutdownGracePeriod)),
        ShutdownGraceCriticalPods = Duration(parsed.GetRequiredValue(ShutdownGracePeriodCriticalPods)),
        ShutdownGraceByPriority = Priorities(parsed.GetRequiredValue(ShutdownGracePeriodByPodPriority)),
        ImageGcHighPercent = parsed.GetRequiredValue(ImageGcHighThreshold),
        ImageGcLowPercent = parsed.GetRequiredValue(ImageGcLowThreshold),
        ImageMinAge = Duration(parsed.GetRequiredValue(MinimumImageTtlDuration)),
        LogMaxSize = Quantity.Parse(parsed.GetRequiredValue(ContainerLogMaxSize)).Value,
        LogMaxFiles = parsed.GetRequiredValue(ContainerLogMaxFiles),
        LogDirectory = NormalPath(parsed.GetRequiredValue(PodLogsDir)),
        NodeLabels = parsed.GetRequiredValue(NodeLabels).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(label => label.Split('=', 2))
            .ToDictionary(parts => parts[0], parts => parts.ElementAtOrDefault(1) ?? ""),
        RotateServerCertificates = parsed.GetValue(RotateServerCertificates),
        ProblemRulesFile = parsed.GetValue(ProblemRules),
    };

    private static (int Priority, TimeSpan Grace)[] Priorities(string text) =>
    [
        .. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(entry => entry.Split('=') is [var priority, var grace] && int.TryParse(priority, out var number)
            ? (number, Duration(grace))
            : throw new FormatException($"'{entry}' is not of the form PRIORITY=TIME")),
    ];

    private static string NormalPath(string path) => Path.IsPathRooted(path) && path == Path.TrimEndingDirectorySeparator(Path.GetFullPath(path))
        ? path
        : throw new FormatException($"'{path}' is not an absolute path without detours");

    private static TimeSpan Duration(string text) => GoDuration.TryParse(text, out var nanoseconds)
        ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
        : throw new FormatException($"'{text}' is no duration");

    private static Option<string> Text(string name, string description, string usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };

    private static Option<int> Number(string name, string description, int usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };
}
