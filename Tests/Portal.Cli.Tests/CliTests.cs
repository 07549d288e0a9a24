using System.Text.Json;

namespace Flotilla.Portal.Cli.Tests;

public sealed class CliTests : IAsyncLifetime
{
    private const string Operation = """
        {"id":"0198a000-0000-7000-8000-000000000001","kind":"createCluster","clusterId":"abc23456","cluster":"shop","project":"p","state":"STATE",
         "progress":50,"requestedBy":"ada@example.com","createdAt":"2026-11-20T00:00:00Z","steps":STEPS ERROR}
        """;

    private const string Cluster = """
        {"id":"abc23456","name":"shop","project":"p","purpose":"dev","state":"ready","version":"1.36","masters":3,"workers":2,"readyWorkers":2,
         "serverName":"abc23456.clusters.flotilla.local","createdBy":"ada@example.com","createdAt":"2026-11-20T00:00:00Z"}
        """;

    private readonly Terminal terminal = new();
    private ScriptedPortal portal = null!;

    public async ValueTask InitializeAsync()
    {
        portal = await ScriptedPortal.StartAsync();
        await terminal.SignInAsync(portal);
    }

    public async ValueTask DisposeAsync()
    {
        terminal.Dispose();
        await portal.DisposeAsync();
    }

    [Fact]
    public void The_token_is_readable_by_its_owner_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(terminal.ConfigPath));

    [Fact]
    public async Task A_refused_token_is_not_kept()
    {
        portal.Answer("GET /api/v1/me", "", 401);
        var before = await File.ReadAllTextAsync(terminal.ConfigPath);

        var (code, _, error) = await terminal.RunAsync($"login --token flt_2 --server {portal.Url}");

        Assert.Equal(1, code);
        Assert.Contains("flotilla login", error);
        Assert.Equal(before, await File.ReadAllTextAsync(terminal.ConfigPath));
    }

    [Fact]
    public async Task Without_a_sign_in_the_way_to_it_is_told()
    {
        await terminal.RunAsync("logout");

        var (code, output, error) = await terminal.RunAsync("cluster list");

        Assert.Equal((1, ""), (code, output));
        Assert.Equal("flotilla: not signed in: run 'flotilla login --token TOKEN' or 'flotilla login --device'", error);
    }

    [Fact]
    public async Task A_created_cluster_is_asked_for_as_it_was_typed()
    {
        portal.Answer("POST /api/v1/clusters", OperationIn("pending"), 202);

        var (code, output, error) = await terminal.RunAsync("cluster create shop --project p --purpose dev --workers 2");

        Assert.True(code == 0, error);
        Assert.Contains("createCluster", output);
        var (_, body, authorization) = portal.Requests.Last();
        Assert.Equal("Bearer flt_1", authorization);
        Assert.Equal("""{"name":"shop","project":"p","purpose":"dev","workers":2}""", body);
    }

    [Fact]
    public async Task Waiting_tells_the_steps_and_ends_well()
    {
        portal.Answer("POST /api/v1/clusters", OperationIn("pending"), 202);
        portal.Answer(WatchRequest, Events(OperationIn("running", Step("running")), OperationIn("succeeded", Step("succeeded"))), mediaType: "text/event-stream");

        var (code, output, error) = await terminal.RunAsync("cluster create shop --project p --wait -o json");

        Assert.Equal(0, code);
        Assert.Equal(["… Start the control plane", "✓ Start the control plane"], error.Split('\n', StringSplitOptions.TrimEntries));
        Assert.Equal("succeeded", JsonDocument.Parse(output).RootElement.GetProperty("state").GetString());
    }

    [Fact]
    public async Task Waiting_for_what_fails_fails_with_its_reason()
    {
        portal.Answer("POST /api/v1/clusters", OperationIn("pending"), 202);
        portal.Answer(WatchRequest, Events(OperationIn("failed", error: "No room on disk")), mediaType: "text/event-stream");

        var (code, _, error) = await terminal.RunAsync("cluster create shop --project p --wait");

        Assert.Equal(1, code);
        Assert.Equal("flotilla: createCluster of 'shop' failed: No room on disk", error);
    }

    [Fact]
    public async Task A_broken_watch_is_a_failure()
    {
        portal.Answer("POST /api/v1/clusters", OperationIn("pending"), 202);
        portal.Answer(WatchRequest, Events(OperationIn("running")), mediaType: "text/event-stream");

        var (code, _, error) = await terminal.RunAsync("cluster create shop --project p --wait");

        Assert.Equal(1, code);
        Assert.Contains("ended the watch", error);
    }

    [Fact]
    public async Task A_refusal_is_one_line_with_its_fields()
    {
        portal.Answer(
            "POST /api/v1/clusters",
            """{"title":"Conflict","status":409,"detail":"x","errors":[{"field":"name","message":"is taken"},{"field":"workers","message":"too many"}]}""",
            409,
            "application/problem+json");

        var (code, output, error) = await terminal.RunAsync("cluster create shop --project p");

        Assert.Equal((1, "", "flotilla: name: is taken; workers: too many"), (code, output, error));
    }

    [Theory]
    [InlineData("cluster create shop")]
    [InlineData("cluster create shop --project p --purpose party")]
    [InlineData("cluster create shop --project p --workers many")]
    [InlineData("cluster scale shop")]
    [InlineData("cluster list -o xml")]
    [InlineData("fly")]
    public async Task A_command_that_is_wrong_is_told_in_one_line_and_not_sent(string line)
    {
        var asked = portal.Requests.Count;

        var (code, output, error) = await terminal.RunAsync(line);

        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("flotilla: ", error);
        Assert.DoesNotContain('\n', error);
        Assert.Equal(asked, portal.Requests.Count);
    }

    [Fact]
    public async Task Clusters_are_listed_as_a_table()
    {
        portal.Answer("GET /api/v1/clusters?project=p", $"[{Cluster}]");

        var (_, output, _) = await terminal.RunAsync("cluster list --project p");

        var lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal(["NAME", "PROJECT", "PURPOSE", "STATE", "VERSION", "WORKERS", "AGE"], lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(["shop", "p", "dev", "ready", "1.36", "2/2"], lines[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)[..6]);
    }

    [Fact]
    public async Task Json_and_yaml_say_the_same()
    {
        portal.Answer("GET /api/v1/clusters/shop", Cluster);

        var json = await terminal.RunAsync("cluster get shop -o json");
        var yaml = await terminal.RunAsync("cluster get shop -o yaml");

        Assert.Equal(3, JsonDocument.Parse(json.Output).RootElement.GetProperty("masters").GetInt32());
        Assert.Contains("masters: 3", yaml.Output);
        Assert.Contains("version: \"1.36\"", yaml.Output);
    }

    [Fact]
    public async Task Deleting_asks_for_the_name()
    {
        portal.Answer("DELETE /api/v1/clusters/shop?project=p", OperationIn("pending"), 202);

        var wrong = await terminal.RunAsync("cluster delete shop --project p", "shap\n");
        var right = await terminal.RunAsync("cluster delete shop --project p", "shop\n");
        var unasked = await terminal.RunAsync("cluster delete shop --project p --yes");

        Assert.Equal((1, 0, 0), (wrong.Code, right.Code, unasked.Code));
        Assert.Equal(2, portal.Requests.Count(asked => asked.Request.StartsWith("DELETE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_kubeconfig_is_printed_or_written_for_its_owner_alone()
    {
        portal.Answer("GET /api/v1/clusters/shop/kubeconfig", "kind: Config\n", mediaType: "application/yaml");
        var file = terminal.PathOf("shop.kubeconfig");

        var printed = await terminal.RunAsync("cluster kubeconfig shop");
        var written = await terminal.RunAsync($"cluster kubeconfig shop --file {file}");

        Assert.Equal("kind: Config", printed.Output);
        Assert.Equal((0, "kind: Config\n"), (written.Code, await File.ReadAllTextAsync(file)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task A_portal_that_is_not_there_is_told()
    {
        await portal.DisposeAsync();

        var (code, _, error) = await terminal.RunAsync("project list");

        Assert.Equal(1, code);
        Assert.StartsWith("flotilla: cannot reach the portal at", error);
    }

    private const string WatchRequest = "GET /api/v1/operations/0198a000-0000-7000-8000-000000000001/watch";

    private static string OperationIn(string state, string? step = null, string? error = null) => Operation
        .Replace("STATE", state)
        .Replace("STEPS", $"[{step}]")
        .Replace("ERROR", error is null ? "" : $$""","error":{"code":"x","message":"{{error}}","fixedBy":"operator"}""")
        .ReplaceLineEndings("");

    private static string Step(string state) => $$"""{"name":"control-plane","title":"Start the control plane","state":"{{state}}","attempts":1}""";

    private static string Events(params string[] operations) => string.Concat(operations.Select(operation => $"data: {operation}\n\n"));
}
