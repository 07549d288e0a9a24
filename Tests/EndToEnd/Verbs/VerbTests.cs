using Flotilla.EndToEnd.Platform;
using Flotilla.TestKit;

namespace Flotilla.EndToEnd.Verbs;

/// <summary>
/// The verbs that every supported kubectl has, against a control plane alone, with simulated nodes.
/// What streams into real containers is tested where those are.
/// </summary>
public abstract class VerbTests(Kubectl kubectl)
{
    protected const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web, labels: {app: web}}
        spec:
          replicas: 2
          selector: {matchLabels: {app: web}}
          template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: "nginx:1.14.2"}]}}
        """;

    protected Kubectl Kubectl => kubectl;

    [Fact]
    public async Task Create_get_describe_and_delete()
    {
        var ns = await NamespaceAsync("create");
        await SaysAsync($"create deployment web --image=nginx --replicas=2 -n {ns}", "deployment.apps/web created");
        await SaysAsync($"wait deployment web -n {ns} --for=condition=Available --timeout=120s", "condition met");
        await SaysAsync($"get deployment web -n {ns}", "2/2");
        await SaysAsync($"get pods -n {ns} -o wide", "Running");
        await SaysAsync($"get deploy,rs,po -n {ns} -o name", "deployment.apps/web");
        await SaysAsync($"get deployment web -n {ns} -o yaml", "image: nginx");
        await SaysAsync($"get pods -n {ns} -o custom-columns=NODE:.spec.nodeName --sort-by=.metadata.name", "sim-");
        await SaysAsync($"get events -n {ns} --field-selector reason=Scheduled", "Successfully assigned");
        await SaysAsync($"describe deployment web -n {ns}", "NewReplicaSet:");
        var pod = await kubectl.RunAsync($"get pods -n {ns} -o jsonpath='{{.items[0].metadata.name}}'");
        await SaysAsync($"describe pod {pod} -n {ns}", "Successfully assigned");
        await SaysAsync("describe nodes", "Allocated resources");
        await SaysAsync($"delete deployment web -n {ns} --cascade=orphan", "deleted");
        await SaysAsync($"get rs -n {ns} -o name", "replicaset.apps/web");
        await SaysAsync($"delete rs,pods --all -n {ns} --grace-period=1", "deleted");
        await SaysAsync($"delete namespace {ns}", "deleted");
        Assert.Contains("not found", (await kubectl.TryRunAsync($"get namespace {ns}")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_makes_every_kind_it_knows()
    {
        var ns = await NamespaceAsync("kinds");
        foreach (var (arguments, made) in (IEnumerable<(string, string)>)
        [
            ("configmap a --from-literal=k=v", "configmap/a"), ("secret generic a --from-literal=k=v", "secret/a"),
            ("secret tls b --cert=$T/c --key=$T/k", "secret/b"), ("secret docker-registry c --docker-username=u --docker-password=p", "secret/c"),
            ("serviceaccount a", "serviceaccount/a"), ("role a --verb=get --resource=pods", "role.rbac.authorization.k8s.io/a"),
            ("rolebinding a --role=a --serviceaccount=x:a", "rolebinding.rbac.authorization.k8s.io/a"),
            ($"clusterrole {ns} --verb=get --resource=pods", $"clusterrole.rbac.authorization.k8s.io/{ns}"),
            ($"clusterrolebinding {ns} --clusterrole={ns} --user=u", $"clusterrolebinding.rbac.authorization.k8s.io/{ns}"),
            ("quota a --hard=pods=10", "resourcequota/a"),
            ($"priorityclass {ns} --value=10", $"priorityclass.scheduling.k8s.io/{ns}"), ("service clusterip a --tcp=80:80", "service/a"),
            ("service nodeport b --tcp=80:80", "service/b"), ("service externalname c --external-name=example.com", "service/c"),
            ("service loadbalancer d --tcp=80:80", "service/d"), ("ingress a --rule=a.example.com/*=a:80", "ingress.networking.k8s.io/a"),
            ("job a --image=busybox", "job.batch/a"),
        ])
        {
            var tls = arguments.Contains("$T", StringComparison.Ordinal)
                ? "T=$(mktemp -d); openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=a -keyout $T/k -out $T/c 2>/dev/null; "
                : "";
            var result = await Shell.RunAsync($"{tls}{kubectl.Command} create {arguments} -n {ns}", kubectl.Environment);
            Assert.Contains($"{made} created", result.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Apply_diff_edit_replace_and_patch()
    {
        var ns = await NamespaceAsync("apply");
        await SaysAsync($"apply -f - -n {ns}", "created", Web);
        await SaysAsync($"apply -f - -n {ns}", "unchanged", Web);
        var changed = Web.Replace("1.14.2", "1.16", StringComparison.Ordinal);
        var diff = await kubectl.TryRunAsync($"diff -f - -n {ns}", changed);
        Assert.Equal(1, diff.ExitCode);
        Assert.Contains("+      - image: nginx:1.16", diff.Output, StringComparison.Ordinal);
        await SaysAsync($"apply -f - -n {ns}", "configured", changed);
        await SaysAsync($"apply view-last-applied deployment web -n {ns}", "nginx:1.16");
        await SaysAsync($"apply --server-side --field-manager=other --force-conflicts -f - -n {ns}", "serverside-applied", Web);
        var conflict = await kubectl.TryRunAsync($"apply --server-side --field-manager=third -f - -n {ns}", changed);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"other\"", conflict.Error, StringComparison.Ordinal);
        await SaysAsync($"apply --dry-run=server -f - -n {ns}", "(server dry run)", changed);
        var edited = await Shell.RunAsync($"KUBE_EDITOR='sed -i s/1.14.2/1.17/' {kubectl.Command} edit deployment web -n {ns}", kubectl.Environment);
        Assert.Contains("deployment.apps/web edited", edited.Text, StringComparison.Ordinal);
        // kubectl reads and then writes: in between, a rollout under way would change the status.
        await SaysAsync($"rollout status deployment web -n {ns}", "successfully rolled out");
        await SaysAsync($"replace -f - -n {ns}", "replaced", Web);
        await SaysAsync($"replace --force -f - -n {ns}", "replaced", Web);
        await SaysAsync($$$"""patch deployment web -n {{{ns}}} -p '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"nginx:1.18"}]} } } }'""", "patched");
        await SaysAsync($$$"""patch deployment web -n {{{ns}}} --type=json -p '[{"op":"replace","path":"/spec/replicas","value":3}]'""", "patched");
        Assert.Equal("nginx:1.18 3", await kubectl.RunAsync($"get deployment web -n {ns} -o jsonpath='{{.spec.template.spec.containers[0].image}} {{.spec.replicas}}'"));
        await SaysAsync($"delete -f - -n {ns}", "deleted", Web);
    }

    [Fact]
    public async Task Set_scale_rollout_and_autoscale()
    {
        var ns = await NamespaceAsync("rollout");
        await SaysAsync($"apply -f - -n {ns}", "created", Web);
        await SaysAsync($"rollout status deployment web -n {ns} --timeout=120s", "successfully rolled out");
        await SaysAsync($"set image deployment/web web=nginx:1.15 -n {ns}", "image updated");
        await SaysAsync($"rollout status deployment web -n {ns} --timeout=120s", "successfully rolled out");
        await SaysAsync($"rollout history deployment web -n {ns}", "2         <none>");
        await SaysAsync($"rollout undo deployment web -n {ns}", "rolled back");
        Assert.Equal("nginx:1.14.2", await kubectl.RunAsync($"get deployment web -n {ns} -o jsonpath='{{.spec.template.spec.containers[0].image}}'"));
        await SaysAsync($"rollout pause deployment web -n {ns}", "paused");
        await SaysAsync($"rollout resume deployment web -n {ns}", "resumed");
        await SaysAsync($"rollout restart deployment web -n {ns}", "restarted");
        await SaysAsync($"set env deployment/web A=b -n {ns}", "env updated");
        await SaysAsync($"set env deployment/web --list -n {ns}", "A=b");
        await SaysAsync($"set resources deployment web --limits=cpu=200m -n {ns}", "resource requirements updated");
        await SaysAsync($"set serviceaccount deployment web default -n {ns}", "serviceaccount updated");
        await SaysAsync($"scale deployment web --replicas=4 --current-replicas=2 -n {ns}", "scaled");
        await SaysAsync($"rollout status deployment web -n {ns} --timeout=120s", "successfully rolled out");
        await SaysAsync($"get deployment web -n {ns}", "4/4");
        await SaysAsync($"autoscale deployment web --min=1 --max=5 --cpu-percent=80 -n {ns}", "autoscaled");
        await SaysAsync($"get hpa web -n {ns}", "Deployment/web");
        await SaysAsync($"expose deployment web --port=80 -n {ns}", "exposed");
        await SaysAsync($"set selector service web app=web,tier=x -n {ns}", "selector updated");
    }

    [Fact]
    public async Task Label_and_annotate()
    {
        var ns = await NamespaceAsync("labels");
        await SaysAsync($"create configmap a -n {ns}", "created");
        await SaysAsync($"label configmap a team=red -n {ns}", "labeled");
        Assert.Contains("'team' already has a value (red), and --overwrite is false", (await kubectl.TryRunAsync($"label configmap a team=blue -n {ns}")).Error, StringComparison.Ordinal);
        await SaysAsync($"label configmap a team=blue --overwrite -n {ns}", "labeled");
        await SaysAsync($"get configmaps -l team=blue -L team -n {ns}", "blue");
        await SaysAsync($"label configmap a team- -n {ns}", "labeled");
        Assert.Equal("", await kubectl.RunAsync($"get configmaps -l team -n {ns} -o name"));
        await SaysAsync($"annotate configmap a note='two words' -n {ns}", "annotated");
        await SaysAsync($"annotate configmap a --list -n {ns}", "note=two words");
    }

    [Fact]
    public async Task Taint_cordon_drain_and_uncordon()
    {
        var ns = await NamespaceAsync("drain");
        await SaysAsync($"apply -f - -n {ns}", "created", Web);
        await SaysAsync($"wait deployment web -n {ns} --for=condition=Available --timeout=120s", "condition met");
        var node = (await kubectl.RunAsync($"get pods -n {ns} -o jsonpath='{{.items[0].spec.nodeName}}'")).Trim();
        await SaysAsync($"taint node {node} walk=here:NoSchedule", "tainted");
        await SaysAsync($"taint node {node} walk-", "untainted");
        await SaysAsync($"cordon {node}", "cordoned");
        await SaysAsync($"get node {node}", "SchedulingDisabled");
        await SaysAsync($"drain {node} --ignore-daemonsets --delete-emptydir-data --force --timeout=120s", "evicting pod");
        Assert.Equal("", await kubectl.RunAsync($"get pods -n {ns} --field-selector spec.nodeName={node},status.phase=Running -o name"));
        await SaysAsync($"wait deployment web -n {ns} --for=condition=Available --timeout=120s", "condition met");
        await SaysAsync($"uncordon {node}", "uncordoned");
    }

    [Fact]
    public async Task Run_logs_wait_and_debug()
    {
        var ns = await NamespaceAsync("run");
        await SaysAsync($"run one --image=nginx -n {ns}", "pod/one created");
        await SaysAsync($"wait pod one -n {ns} --for=condition=Ready --timeout=120s", "condition met");
        Assert.NotEqual("", await kubectl.RunAsync($"logs one -n {ns}"));
        await SaysAsync($"debug one --copy-to=two --image=busybox --attach=false -n {ns}", "");
        await SaysAsync($"get pod two -n {ns}", "two");
        await SaysAsync($"delete pod one -n {ns} --now", "deleted");
        Assert.Contains("NotFound", (await kubectl.TryRunAsync($"get pod one -n {ns}")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_requests_are_approved_and_denied()
    {
        foreach (var (name, verb, condition) in (IEnumerable<(string, string, string)>)[("walk-good", "approve", "Approved,Issued"), ("walk-bad", "deny", "Denied")])
        {
            var request = (await Shell.RunAsync(
                "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout /dev/null -subj /CN=walk 2>/dev/null | base64 -w0", kubectl.Environment)).Text;
            await SaysAsync("create -f -", "created", $$"""
                apiVersion: certificates.k8s.io/v1
                kind: CertificateSigningRequest
                metadata: {name: {{name}}}
                spec: {signerName: kubernetes.io/kube-apiserver-client, usages: [client auth], request: "{{request}}" }
                """);
            await SaysAsync($"certificate {verb} {name}", $"{verb}".Replace("deny", "denied", StringComparison.Ordinal).Replace("approve", "approved", StringComparison.Ordinal));
            await Eventually.GetAsync(() => kubectl.RunAsync($"get csr {name}"), text => text.Contains(condition, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("explain deployment.spec.strategy.rollingUpdate.maxSurge", "maxSurge")]
    [InlineData("explain pods --recursive", "ephemeralContainers")]
    [InlineData("api-resources --namespaced=false", "nodes")]
    [InlineData("api-resources --api-group=apps -o wide", "deployments")]
    [InlineData("api-versions", "resource.k8s.io/v1")]
    [InlineData("auth can-i create pods --as=nobody || true", "no")]
    [InlineData("auth can-i '*' '*'", "yes")]
    [InlineData("version -o yaml", "gitVersion: v1.36")]
    [InlineData("cluster-info", "is running at")]
    [InlineData("get --raw /readyz", "ok")]
    [InlineData("get nodes -o jsonpath='{.items[0].status.nodeInfo.kubeletVersion}'", "v1.36")]
    [InlineData("get all -A", "service/kubernetes")]
    public Task Questions_are_answered(string arguments, string expected) => SaysAsync(arguments, expected);

    /// <summary>Each with all its fields, however deep, by name and version as <c>api-resources</c> lists them; metrics apart, whose names the old one takes for core's.</summary>
    [Fact]
    public async Task Every_kind_is_explained()
    {
        var answers = await Shell.RunAsync(
            $$"""
            explain() { said=$({{kubectl.Command}} explain $1 --api-version=$2 --recursive 2>&1) && grep -q ^FIELDS: <<<"$said" && echo "ok $1" || echo "no $1 $2: ${said:0:300}"; }
            export -f explain
            {{kubectl.Command}} api-resources --no-headers | awk '$(NF-2) !~ /^metrics/ {print $1, $(NF-2)}' | sort -u | xargs -P 4 -L 1 bash -c 'explain $0 $1'
            """, kubectl.Environment, timeoutSeconds: 180);
        var lines = answers.Text.Split('\n');
        Assert.DoesNotContain(lines, static line => !line.StartsWith("ok ", StringComparison.Ordinal));
        Assert.InRange(lines.Length, 60, 200);
    }

    [Fact]
    public async Task The_fields_of_a_custom_resource_are_explained()
    {
        await SaysAsync("apply -f -", "gauges.explain.example.com ", """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: gauges.explain.example.com}
            spec:
              group: explain.example.com
              scope: Namespaced
              names: {plural: gauges, kind: Gauge}
              versions:
              - name: v1
                served: true
                storage: true
                schema:
                  openAPIV3Schema:
                    type: object
                    description: What a tank holds.
                    properties:
                      spec:
                        type: object
                        properties:
                          marks: {type: array, items: {type: object, properties: {height: {type: integer, description: Above the ground.}}}}
                          limit: {x-kubernetes-int-or-string: true, anyOf: [{type: integer}, {type: string}]}
                          note: {type: string, nullable: true}
                          free: {type: object, x-kubernetes-preserve-unknown-fields: true, properties: {a: {type: string}}}
            """);
        var all = await Eventually.GetAsync(
            async () => (await kubectl.TryRunAsync("explain gauges --recursive")).Output, static text => text.Contains("height", StringComparison.Ordinal));
        Assert.Contains("What a tank holds.", all, StringComparison.Ordinal);
        await SaysAsync("explain gauges.spec.marks.height", "Above the ground.");
        await SaysAsync("explain gauges.metadata.finalizers", "string");
        await SaysAsync("apply --dry-run=server -f -", "gauge.explain.example.com/a created", """
            apiVersion: explain.example.com/v1
            kind: Gauge
            metadata: {name: a}
            spec: {marks: [{height: 1}], limit: 50%, note: null, free: {a: b, c: [1]}}
            """);
        await SaysAsync("delete customresourcedefinition gauges.explain.example.com", "deleted");
    }

    [Fact]
    public async Task Diff_shows_what_a_server_side_apply_would_change()
    {
        var ns = await NamespaceAsync("diff");
        await SaysAsync($"apply --server-side -f - -n {ns}", "serverside-applied", Web);
        Assert.Equal((0, ""), await kubectl.TryRunAsync($"diff --server-side -f - -n {ns}", Web) is var same ? (same.ExitCode, same.Output) : default);
        var changed = await kubectl.TryRunAsync($"diff --server-side -f - -n {ns}", Web.Replace("1.14.2", "1.16", StringComparison.Ordinal));
        Assert.Equal(1, changed.ExitCode);
        Assert.Contains("+      - image: nginx:1.16", changed.Output, StringComparison.Ordinal);
        Assert.Equal("nginx:1.14.2", await kubectl.RunAsync($"get deployment web -n {ns} -o jsonpath='{{.spec.template.spec.containers[0].image}}'"));
    }

    [Fact]
    public async Task A_proxy_serves_the_API_without_credentials()
    {
        await using var proxy = await kubectl.WatchAsync("proxy --port=0");
        var said = await Eventually.GetAsync(() => Task.FromResult(proxy.Output), static text => text.Contains("Starting to serve on ", StringComparison.Ordinal));
        using var http = new HttpClient { BaseAddress = new($"http://{said.Split("Starting to serve on ")[1].Trim()}") };
        Assert.Contains("\"kind\":\"Namespace\"", await http.GetStringAsync("/api/v1/namespaces/default"), StringComparison.Ordinal);
        using var watch = new StreamReader(await http.GetStreamAsync("/api/v1/namespaces?watch=1"));
        Assert.StartsWith("{\"type\":\"ADDED\"", await watch.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await http.GetAsync("/api/v1/namespaces/default/pods/any/exec")).StatusCode);
    }

    [Fact]
    public async Task Roles_are_reconciled()
    {
        const string role = """
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: walk-reconciled}
            rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
            """;
        await SaysAsync("auth reconcile -f -", "reconciled", role);
        await SaysAsync("delete clusterrole walk-reconciled", "deleted");
    }

    protected async Task<string> NamespaceAsync(string name)
    {
        await SaysAsync($"create namespace verbs-{name}", "created");
        return $"verbs-{name}";
    }

    protected async Task SaysAsync(string arguments, string expected, string? input = null) =>
        Assert.Contains(expected, await kubectl.RunAsync(arguments, input, timeoutSeconds: 180), StringComparison.Ordinal);
}
