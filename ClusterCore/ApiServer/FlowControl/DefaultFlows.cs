using System.Text.Json.Nodes;
using Flotilla.ClusterCore.ApiServer.Bootstrap;

namespace Flotilla.ClusterCore.ApiServer.FlowControl;

/// <summary>
/// The flow schemas and priority levels of every cluster, as upstream has them: the mandatory ones, which never differ, and the
/// suggested ones, which are kept as they are here until somebody claims them (<see cref="FlowReconciliation"/>).
/// </summary>
internal static class DefaultFlows
{
    public const string Group = "flowcontrol.apiserver.k8s.io";
    private const string CatchAll = "catch-all";
    private const string Exempt = "exempt";
    private const string Masters = "system:masters";
    private const string Nodes = "system:nodes";
    private const string ControllerManager = "system:kube-controller-manager";
    private const string Scheduler = "system:kube-scheduler";
    private static readonly string[] everybody = ["system:unauthenticated", "system:authenticated"];
    private static readonly string[] leaderVerbs = ["get", "create", "update"];

    public static IEnumerable<JsonObject> All() => [.. PriorityLevels(), .. FlowSchemas()];

    public static bool IsMandatory(string name) => name is Exempt or CatchAll;

    public static IEnumerable<JsonObject> PriorityLevels() =>
    [
        Level(Exempt, new() { ["type"] = "Exempt", ["exempt"] = new JsonObject { ["nominalConcurrencyShares"] = 0, ["lendablePercent"] = 0 } }),
        Limited(CatchAll, shares: 5, lendable: 0, new() { ["type"] = "Reject" }),
        Queued("system", shares: 30, lendable: 33, queues: 64, hand: 6),
        Queued("node-high", shares: 40, lendable: 25, queues: 64, hand: 6),
        Queued("leader-election", shares: 10, lendable: 0, queues: 16, hand: 4),
        Queued("workload-high", shares: 40, lendable: 50, queues: 128, hand: 6),
        Queued("workload-low", shares: 100, lendable: 90, queues: 128, hand: 6),
        Queued("global-default", shares: 20, lendable: 50, queues: 128, hand: 6),
    ];

    public static IEnumerable<JsonObject> FlowSchemas() =>
    [
        Schema(Exempt, Exempt, 1, null, Everything(Groups(Masters))),
        Schema("probes", Exempt, 2, null, Rule(Groups(everybody), [], [PathRule(["get"], "/healthz", "/readyz", "/livez")])),
        Schema("system-leader-election", "leader-election", 100, "ByUser",
            Rule([.. Users(ControllerManager, Scheduler), .. Accounts("*")], [ResourceRule(leaderVerbs, "coordination.k8s.io", ["leases"])])),
        Schema("endpoint-controller", "workload-high", 150, "ByUser",
            Rule([.. Users(ControllerManager), .. Accounts("endpoint-controller", "endpointslicemirroring-controller")], [ResourceRule(leaderVerbs, "", ["endpoints"])])),
        Schema("workload-leader-election", "leader-election", 200, "ByUser", Rule(Accounts("*"), [ResourceRule(leaderVerbs, "coordination.k8s.io", ["leases"])])),
        Schema("system-node-high", "node-high", 400, "ByUser",
            Rule(Groups(Nodes), [ResourceRule(["*"], "", ["nodes", "nodes/status"], cluster: true), ResourceRule(["*"], "coordination.k8s.io", ["leases"])])),
        Schema("system-nodes", "system", 500, "ByUser", Everything(Groups(Nodes))),
        Schema("kube-controller-manager", "workload-high", 800, "ByNamespace", Everything(Users(ControllerManager))),
        Schema("kube-scheduler", "workload-high", 800, "ByNamespace", Everything(Users(Scheduler))),
        Schema("kube-system-service-accounts", "workload-high", 900, "ByNamespace", Everything(Accounts("*"))),
        Schema("service-accounts", "workload-low", 9000, "ByUser", Everything(Groups("system:serviceaccounts"))),
        Schema("global-default", "global-default", 9900, "ByUser", Everything(Groups(everybody))),
        Schema(CatchAll, CatchAll, 10000, "ByUser", Everything(Groups(everybody))),
    ];

    private static JsonObject Queued(string name, int shares, int lendable, int queues, int hand) => Limited(name, shares, lendable, new()
    {
        ["type"] = "Queue",
        ["queuing"] = new JsonObject { ["queues"] = queues, ["handSize"] = hand, ["queueLengthLimit"] = 50 },
    });

    private static JsonObject Limited(string name, int shares, int lendable, JsonObject response) => Level(name, new()
    {
        ["type"] = "Limited",
        ["limited"] = new JsonObject { ["nominalConcurrencyShares"] = shares, ["limitResponse"] = response, ["lendablePercent"] = lendable },
    });

    private static JsonObject Level(string name, JsonObject spec) => Kept("PriorityLevelConfiguration", name, spec);

    private static JsonObject Schema(string name, string level, int precedence, string? distinguisher, JsonObject rule)
    {
        var spec = new JsonObject { ["priorityLevelConfiguration"] = new JsonObject { ["name"] = level }, ["matchingPrecedence"] = precedence };
        if (distinguisher is not null) { spec["distinguisherMethod"] = new JsonObject { ["type"] = distinguisher }; }
        spec["rules"] = new JsonArray(rule);
        return Kept("FlowSchema", name, spec);
    }

    private static JsonObject Kept(string kind, string name, JsonObject spec)
    {
        var obj = FirstObjects.Object($"{Group}/v1", kind, name);
        obj["metadata"]!["annotations"] = new JsonObject { [FlowReconciliation.AutoUpdate] = "true" };
        obj["spec"] = spec;
        return obj;
    }

    private static JsonObject Everything(IEnumerable<JsonObject> subjects) => Rule(subjects, [ResourceRule(["*"], "*", ["*"], cluster: true)], [PathRule(["*"], "*")]);

    private static JsonObject Rule(IEnumerable<JsonObject> subjects, JsonObject[] resources, params JsonObject[] paths)
    {
        var rule = new JsonObject { ["subjects"] = new JsonArray([.. subjects]) };
        if (resources.Length > 0) { rule["resourceRules"] = new JsonArray([.. resources]); }
        if (paths.Length > 0) { rule["nonResourceRules"] = new JsonArray([.. paths]); }
        return rule;
    }

    private static JsonObject ResourceRule(string[] verbs, string group, string[] resources, bool cluster = false)
    {
        var rule = new JsonObject { ["verbs"] = Texts(verbs), ["apiGroups"] = Texts([group]), ["resources"] = Texts(resources) };
        if (cluster) { rule["clusterScope"] = true; }
        rule["namespaces"] = Texts(["*"]);
        return rule;
    }

    private static JsonObject PathRule(string[] verbs, params string[] paths) => new() { ["verbs"] = Texts(verbs), ["nonResourceURLs"] = Texts(paths) };

    private static IEnumerable<JsonObject> Groups(params string[] names) =>
        names.Select(name => new JsonObject { ["kind"] = "Group", ["group"] = new JsonObject { ["name"] = name } });

    private static IEnumerable<JsonObject> Users(params string[] names) =>
        names.Select(name => new JsonObject { ["kind"] = "User", ["user"] = new JsonObject { ["name"] = name } });

    private static IEnumerable<JsonObject> Accounts(params string[] names) => names.Select(name => new JsonObject
    {
        ["kind"] = "ServiceAccount",
        ["serviceAccount"] = new JsonObject { ["namespace"] = "kube-system", ["name"] = name },
    });

    private static JsonArray Texts(string[] texts) => [.. texts.Select(text => (JsonNode)text)];
}
