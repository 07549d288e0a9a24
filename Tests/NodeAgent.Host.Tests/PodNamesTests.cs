using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>What names and Services are to a pod: its own resolver, its own environment, the agent's DNS and rules.</summary>
public sealed class PodNamesTests(Cluster cluster)
{
    [Fact]
    public async Task A_pod_finds_a_service_by_its_short_name_and_in_its_environment()
    {
        await cluster.RunAsync("named", cluster.Node.Name, "mkdir /www; echo welcome > /www/index.html; httpd -f -p 8080 -h /www");
        await cluster.OkAsync("label", "pod", "named", "app=named");
        await cluster.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = "named", ["namespace"] = "default" },
            ["spec"] = new JsonObject { ["selector"] = new JsonObject { ["app"] = "named" }, ["ports"] = new JsonArray(new JsonObject { ["port"] = 80, ["targetPort"] = 8080 }) },
        });
        var address = await cluster.OkAsync("get", "service", "named", "-o", "jsonpath={.spec.clusterIP}");
        var asking = Cluster.PodManifest("asking", cluster.Node.Name, "sleep 1000");
        asking["spec"]!["containers"]![0]!["env"] = new JsonArray(new JsonObject { ["name"] = "PAGE", ["value"] = "http://$(NAMED_SERVICE_HOST):$(NAMED_SERVICE_PORT)/index.html" });
        await cluster.ApplyAsync(asking);
        await cluster.OkAsync("wait", "--for=condition=Ready", "pod/asking", "--timeout=180s");
        Assert.Equal($"http://{address}:80/index.html tcp://{address}:80\n", await cluster.OkAsync("exec", "asking", "--", "sh", "-c", "echo $PAGE $NAMED_PORT"));
        await Eventually.TrueAsync(async () => (await cluster.KubectlAsync("exec", "asking", "--", "sh", "-c", "timeout 5 wget -qO- $PAGE")).Output == "welcome\n", "the page");
        // It asks for the name in every domain of the search path, and says of all but one that there is none.
        Assert.Contains($"Name:\tnamed.default.svc.cluster.local\nAddress: {address}\n", (await cluster.KubectlAsync("exec", "asking", "--", "nslookup", "-type=a", "named")).Output, StringComparison.Ordinal);
        await cluster.OkAsync("delete", "service", "named");
        await cluster.OkAsync("delete", "pod", "asking", "named", "--now");
    }

    [Fact]
    public async Task A_stub_domain_is_asked_where_the_cluster_says_and_once_for_many()
    {
        using var stub = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stub.Bind(new IPEndPoint(IPAddress.Parse(cluster.Node.Containerd.Addresses.Host), 0));
        var asked = 0;
        using var stopping = new CancellationTokenSource();
        var playing = PlayAsync();
        await cluster.RunAsync("stubborn", cluster.Node.Name, "sleep 1000");
        await cluster.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "kube-dns", ["namespace"] = "kube-system" },
            ["data"] = new JsonObject { ["stubDomains"] = $$"""{"acme.test": ["{{stub.LocalEndPoint}}"]}""" },
        });
        await Eventually.TrueAsync(async () => (await AskAsync()).Contains("Address: 192.0.2.77\n", StringComparison.Ordinal), "the stub's answer");
        var once = asked;
        for (var again = 0; again < 3; again++) { Assert.Contains("Address: 192.0.2.77\n", await AskAsync(), StringComparison.Ordinal); }
        Assert.Equal(once, asked);
        await cluster.OkAsync("delete", "configmap", "kube-dns", "-n", "kube-system");
        await cluster.OkAsync("delete", "pod", "stubborn", "--now");
        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => playing);

        async Task<string> AskAsync() => (await cluster.KubectlAsync("exec", "stubborn", "--", "nslookup", "-type=a", "db.acme.test")).Output;

        async Task PlayAsync()
        {
            var question = new byte[512];
            while (true)
            {
                var received = await stub.ReceiveFromAsync(question, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stopping.Token);
                asked++;
                // The question as it came, but for its flags and counts (RFC 1035 §4.1.1), and one address that is good for five minutes.
                byte[] answer =
                [
                    .. question[..2], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, .. question[12..EndOfQuestion(question)],
                    0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 77,
                ];
                await stub.SendToAsync(answer, SocketFlags.None, received.RemoteEndPoint, stopping.Token);
            }
        }
    }

    private static int EndOfQuestion(byte[] message) => Array.IndexOf(message, (byte)0, 12) + 5;
}
