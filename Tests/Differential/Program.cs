using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Client;
using Flotilla.Differential;

if (args.Length < 3 || args[0] is not ("create" or "update"))
{
    Console.Error.WriteLine("""
        usage: Flotilla.Differential create|update PEER_KUBECONFIG OUR_KUBECONFIG [KIND[:FIELD]...]
        Sends objects with one field changed to two API servers, as dry runs, and groups the answers that differ.
        "*:metadata" is the metadata of every kind.
        """);
    return 2;
}

var isUpdate = args[0] == "update";
using var peer = new Api(Kubeconfig.Load(args[1]));
using var ours = new Api(Kubeconfig.Load(args[2]));
var shapes = new Shapes(peer);
var differences = new ConcurrentBag<Difference>();
var wanted = args.Skip(3).DefaultIfEmpty("*").Select(static one => one.Split(':')).Select(static parts => (Kind: parts[0], Field: parts.ElementAtOrDefault(1) ?? "")).ToList();
var sent = 0;
foreach (var api in (Api[])[peer, ours]) { await Sample.PrepareAsync(api); }
foreach (var given in Sample.Load(Path.Combine(AppContext.BaseDirectory, "objects.yaml")))
{
    var sample = isUpdate ? given.Kept() : given;
    var fields = wanted.Where(one => one.Kind == "*" || one.Kind == sample.Kind).Select(static one => one.Field).ToList();
    if (fields.Count == 0) { continue; }
    var resource = await peer.ResourceAsync(sample.ApiVersion, sample.Kind);
    var shape = await shapes.OfAsync(sample.ApiVersion, sample.Kind);
    // An update is of what each server made of the object, with the same change.
    var (theirs, own) = isUpdate ? (await sample.StoreAsync(peer, resource), await sample.StoreAsync(ours, resource)) : (sample.Object, sample.Object);
    await Parallel.ForEachAsync(Mutations.Of(shape, theirs, own).Where(change => fields.Any(change.Field.StartsWith)), new ParallelOptions { MaxDegreeOfParallelism = 6 }, async (change, _) =>
    {
        var answers = await Task.WhenAll(SendAsync(peer, change.Theirs), SendAsync(ours, change.Ours));
        Interlocked.Increment(ref sent);
        if (Difference.Between(sample.Kind, change, answers[0], answers[1]) is { } difference) { differences.Add(difference); }
    });
    Console.Error.WriteLine($"{sample.Kind}: {sent} sent, {differences.Count} differ");

    Task<Answer> SendAsync(Api api, JsonObject obj) => isUpdate
        ? api.SendAsync(HttpMethod.Put, $"{resource.Path}/{sample.Name}?dryRun=All&fieldValidation=Warn", obj)
        : api.SendAsync(HttpMethod.Post, $"{resource.Path}?dryRun=All&fieldValidation=Warn", obj);
}

Console.WriteLine($"{sent} requests, {differences.Count} answered differently");
foreach (var group in differences.GroupBy(static difference => difference.Pattern).OrderByDescending(static group => group.Count()))
{
    var kinds = string.Join(", ", group.Select(static one => one.Kind).Distinct().Take(5));
    var fields = string.Join(", ", group.Select(static one => one.Change.Field).Distinct().Take(4));
    var example = group.First();
    Console.WriteLine($"[{group.Count()}] {kinds}: {fields}\n    {example.Change.Field} = {example.Change.Value}: {example.Text}");
}

return 0;
