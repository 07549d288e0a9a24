using Flotilla.TestKit;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>Everything that kubectl does through streams, over one of the two protocols it knows.</summary>
internal sealed record Streams(Cluster Cluster, bool WebSockets)
{
    private const string Talk = "while read line; do [ \"$line\" = bye ] && exit 0; echo heard $line; done";

    public async Task CheckAsync(string node)
    {
        var pod = $"streams-{node}-{(WebSockets ? "ws" : "spdy")}";
        await Cluster.RunAsync(pod, node, "mkdir /www; echo welcome > /www/index.html; httpd -f -p 8080 -h /www");
        await ExecAsync(pod);
        await TerminalAsync(pod);
        await CopyAsync(pod);
        Assert.Equal("welcome\n", await ForwardAsync(pod));
        await Cluster.OkAsync("delete", "pod", pod, "--now");
        await AttachAsync($"{pod}-attached", node);
    }

    /// <summary>What the page on the pod's port 8080 says, through kubectl.</summary>
    public async Task<string> ForwardAsync(string pod)
    {
        var port = LoopbackPort.Free();
        using var forward = Cluster.StartKubectl(WebSockets, "port-forward", $"pod/{pod}", $"{port}:8080");
        using var http = new HttpClient();
        var page = "";
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    page = await http.GetStringAsync($"http://127.0.0.1:{port}/");
                    return true;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the pod's page");
        forward.Kill();
        await forward.WaitForExitAsync();
        return page;
    }

    private async Task ExecAsync(string pod)
    {
        var (code, output, error) = await RunAsync("hello", "exec", "-i", pod, "--", "sh", "-c", "cat; echo ' err' >&2; exit 7");
        Assert.Equal((7, "hello"), (code, output));
        Assert.Contains(" err", error, StringComparison.Ordinal);
    }

    private async Task TerminalAsync(string pod)
    {
        const string untilSized = "until [ \\\"\\$(stty size)\\\" = '37 91' ]; do sleep 0.1; done; echo size is \\$(stty size); exit 3";
        var (code, output, _) = await Cluster.EndAsync(Cluster.StartKubectlInTerminal(WebSockets, $"exec -it {pod} -- sh -c \"{untilSized}\""), "");
        Assert.Contains("size is 37 91", output, StringComparison.Ordinal);
        Assert.Equal(3, code);
    }

    private async Task CopyAsync(string pod)
    {
        var (there, back) = (Path.GetTempFileName(), Path.GetTempFileName());
        var content = string.Concat(Enumerable.Range(0, 50_000).Select(number => $"{number}\n"));
        await File.WriteAllTextAsync(there, content);
        await MustAsync("cp", there, $"{pod}:/tmp/file");
        await MustAsync("cp", $"{pod}:/tmp/file", back);
        Assert.Equal(content, await File.ReadAllTextAsync(back));
        File.Delete(there);
        File.Delete(back);
    }

    private async Task AttachAsync(string pod, string node)
    {
        var manifest = Cluster.PodManifest(pod, node, Talk);
        manifest["spec"]!["restartPolicy"] = "Never";
        (manifest["spec"]!["containers"]![0]!["stdin"], manifest["spec"]!["containers"]![0]!["stdinOnce"]) = (true, true);
        Assert.Equal(0, (await Cluster.KubectlWithInputAsync(manifest.ToJsonString(), "apply", "-f", "-")).Code);
        await Cluster.OkAsync("wait", "--for=condition=Ready", $"pod/{pod}", "--timeout=180s");
        using var attached = Cluster.StartKubectl(WebSockets, "attach", "-i", pod);
        await attached.StandardInput.WriteLineAsync("hello");
        await attached.StandardInput.FlushAsync();
        Assert.Equal("heard hello", await attached.StandardOutput.ReadLineAsync());
        await attached.StandardInput.WriteLineAsync("bye");
        await attached.StandardInput.FlushAsync();
        await attached.WaitForExitAsync();
        Assert.Equal(0, attached.ExitCode);
        await Cluster.OkAsync("delete", "pod", pod, "--now");
    }

    private async Task MustAsync(params string[] arguments)
    {
        var (code, _, error) = await RunAsync("", arguments);
        Assert.True(code == 0, $"{string.Join(' ', arguments)} {(WebSockets ? "over WebSockets" : "over SPDY")}: {error}");
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string input, params string[] arguments) =>
        await Cluster.EndAsync(Cluster.StartKubectl(WebSockets, arguments), input);
}
