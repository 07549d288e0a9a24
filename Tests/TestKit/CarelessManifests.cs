namespace Flotilla.TestKit;

/// <summary>What somebody might apply without thinking.</summary>
public static class CarelessManifests
{
    /// <param name="neverReady">By a readiness gate that nobody opens.</param>
    /// <param name="annotations">Of its pods: how their containers behave.</param>
    public static string Deployment(
        string name, int replicas, string tag = "latest", bool neverReady = false, int progressDeadline = 600, string? app = null, string annotations = "{}") => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}} }
        spec:
          replicas: {{replicas}}
          progressDeadlineSeconds: {{progressDeadline}}
          selector: { matchLabels: { app: {{app ?? name}} } }
          template:
            metadata: { labels: { app: {{app ?? name}} }, annotations: {{annotations}} }
            spec:
              terminationGracePeriodSeconds: 1
              readinessGates: [{{(neverReady ? "{ conditionType: flotilla.io/never }" : "")}}]
              containers: [{ name: main, image: "nginx:{{tag}}", imagePullPolicy: Always }]
        """;

    /// <summary>Of containers that run a shell script, and whose image is pulled each time one starts.</summary>
    public static string RealDeployment(string name, int replicas, string image, string script) => $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: {{name}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{name}} } }
          template:
            metadata: { labels: { app: {{name}} } }
            spec:
              containers: [{ name: main, image: "{{image}}", imagePullPolicy: Always, command: [sh, -c, "{{script}}"] }]
        """;

    public static string ReplicaSet(string name, int replicas, string app) => $$"""
        apiVersion: apps/v1
        kind: ReplicaSet
        metadata: { name: {{name}} }
        spec:
          replicas: {{replicas}}
          selector: { matchLabels: { app: {{app}} } }
          template:
            metadata: { labels: { app: {{app}} } }
            spec:
              terminationGracePeriodSeconds: 1
              containers: [{ name: main, image: nginx }]
        """;

    public static string CronJob(string name, string schedule, bool suspend) => $$"""
        apiVersion: batch/v1
        kind: CronJob
        metadata: { name: {{name}} }
        spec:
          schedule: "{{schedule}}"
          suspend: {{(suspend ? "true" : "false")}}
          jobTemplate:
            spec:
              template:
                metadata: { annotations: { simulation.flotilla.io/run-seconds: "0" } }
                spec:
                  restartPolicy: Never
                  containers: [{ name: main, image: busybox }]
        """;

    /// <summary>A pod of nobody's that a selector may match.</summary>
    public static string Orphan(string name, string app) => $$"""
        apiVersion: v1
        kind: Pod
        metadata: { name: {{name}}, labels: { app: {{app}} } }
        spec:
          terminationGracePeriodSeconds: 1
          containers: [{ name: main, image: nginx }]
        """;
}
