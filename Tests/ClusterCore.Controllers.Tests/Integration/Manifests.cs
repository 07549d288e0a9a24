using System.Text.Json.Nodes;

namespace Flotilla.ClusterCore.Controllers.Tests.Integration;

internal static class Manifests
{
    public static string Deployment(string name, int replicas, string image) => $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"replicas":{{{{replicas}}}},"selector":{"matchLabels":{"app":"{{{{name}}}}"} },
         "template":{{{{Template(name, image)}}}}}}
        """;

    public static string DaemonSet(string name, string updateStrategy = "{}") => $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"updateStrategy":{{{{updateStrategy}}}},"selector":{"matchLabels":{"app":"{{{{name}}}}"} },"template":{{{{Template(name, "nginx:1")}}}}}}
        """;

    public static string StatefulSet(string name, int replicas) => $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"serviceName":"{{{{name}}}}","replicas":{{{{replicas}}}},
         "selector":{"matchLabels":{"app":"{{{{name}}}}"} },"template":{{{{Template(name, "nginx:1")}}}},
         "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Mi"} } } }]}}
        """;

    /// <param name="end">The phase in which its pods end.</param>
    public static string Job(string name, int completions, string end, int backoffLimit = 6) => $$$$"""
        {"metadata":{"name":"{{{{name}}}}"},"spec":{"completions":{{{{completions}}}},"parallelism":2,"completionMode":"Indexed","backoffLimit":{{{{backoffLimit}}}},
         "template":{"metadata":{"labels":{"end":"{{{{end}}}}"} },"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"nginx:1"}]} } } }
        """;

    /// <summary>A job whose pods end when the test says so, once each unless <paramref name="spec"/> says more.</summary>
    public static string Job(string name, string spec)
    {
        var job = JsonNode.Parse($$$$"""
            {"metadata":{"name":"{{{{name}}}}"},"spec":{"template":{"metadata":{"labels":{"end":"{{{{SimulatedNode.ByHand}}}}"} },
             "spec":{"restartPolicy":"Never","containers":[{"name":"main","image":"nginx:1"}]} } } }
            """)!;
        foreach (var (field, value) in JsonNode.Parse(spec)!.AsObject()) { job["spec"]![field] = value?.DeepClone(); }
        return job.ToJsonString();
    }

    private static string Template(string app, string image) => $$$$"""
        {"metadata":{"labels":{"app":"{{{{app}}}}"} },"spec":{"containers":[{"name":"main","image":"{{{{image}}}}"}]} }
        """;
}
