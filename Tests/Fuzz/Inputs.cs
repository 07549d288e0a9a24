using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Flotilla.ClusterCore.Resources;

[assembly: CollectionBehavior(DisableTestParallelization = true)] // each looks at the memory of the process

namespace Flotilla.Fuzz;

/// <summary>
/// Broken variants of good inputs, in any number: FLOTILLA_FUZZ_INPUTS. Each run draws its own, unless FLOTILLA_FUZZ_SEED names
/// those of an earlier one; input n of a seed is always the same.
/// </summary>
internal static class Inputs
{
    /// <summary>A run this long is looked at for memory that it keeps.</summary>
    private const int Long = 100_000;
    private const long MostKept = 32 * 1024 * 1024;

    public static readonly int Count = Number("FLOTILLA_FUZZ_INPUTS") ?? 1500;
    public static readonly int Seed = Number("FLOTILLA_FUZZ_SEED") ?? Random.Shared.Next();
    private static readonly string[] values = ["null", "{}", "[]", "1", "\"\"", "true", "1e999", "-0"];
    private static readonly string[] odd =
    [
        .. (string[])["null", "{}", "[]", "[null]", "0", "-1", "1.5", "2147483648", "9223372036854775807", "1e30", "\"\"", "\"x\"", "\"0\"", "\"-1\"", "\"1e999\"", "\"50%\"", "true", "[{}]", "[\"\"]", "{\"\":\"\"}"],
        $"\"{new string('x', 300)}\"", "\"\\u0000\\ud83d\\ude00\"", "{\"a\":{\"b\":[1,{\"c\":null}]}}", "\"2026-01-02T03:04:05Z\"", "\"10.0.0.1/33\"", "\"*/0 * * * *\"",
    ];


    /// <summary>One after the other: they may share a tree, which is not for several threads even to read.</summary>
    public static Task FeedAsync(byte[] seed, Action<byte[]> run) => FeedAsync(
        random => Mutated(seed, random),
        bytes =>
        {
            run(bytes);
            return Task.CompletedTask;
        },
        atOnce: 1);

    /// <param name="make">An input from nothing but these random numbers.</param>
    public static async Task FeedAsync<T>(Func<Random, T> make, Func<T, Task> run, int atOnce = 8)
        where T : notnull
    {
        var warm = Count / 5;
        await FeedAsync(0, warm, make, run, atOnce);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await FeedAsync(warm, Count, make, run, atOnce);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.True(Count < Long || kept < MostKept, $"{Count - warm} inputs left {kept / 1024 / 1024} MiB behind");
    }

    private static Task FeedAsync<T>(int from, int to, Func<Random, T> make, Func<T, Task> run, int atOnce)
        where T : notnull =>
        Parallel.ForAsync(from, to, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, _) =>
        {
            var input = make(new Random(unchecked((Seed * 31) + i)));
            try
            {
                await run(input);
            }
            catch (Exception failure)
            {
                Assert.Fail($"FLOTILLA_FUZZ_SEED={Seed}, input {i} ({Show(input)}): {failure}");
            }
        });

    public static byte[] Mutated(byte[] seed, Random random)
    {
        var bytes = seed.ToList();
        for (var change = random.Next(1, 5); change > 0; change--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] = (byte)"{}[]\":,0-.e\\ntf\0"[random.Next(16)];
                    break;
                case 2:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 20), bytes.Count - at));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                case 4:
                    // A value of another type, where there was a text or a number.
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(values[random.Next(values.Length)]));
                    break;
                default:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
            }

            if (bytes.Count == 0)
            {
                return [];
            }
        }

        return [.. bytes];
    }

    /// <summary>Well-formed, but with values in places where others belong: what gets past the decoders.</summary>
    public static byte[] Rearranged(byte[] json, Random random)
    {
        if (!JsonCodec.TryParse(json, out var root, out _)) { return Mutated(json, random); }
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var places = Places(root).ToList();
            if (places.Count == 0) { break; }
            var (parent, key, index) = places[random.Next(places.Count)];
            var (from, name, at) = places[random.Next(places.Count)];
            var other = random.Next(3) == 0 ? (name is null ? from.AsArray()[at] : from[name])?.DeepClone() : JsonNode.Parse(odd[random.Next(odd.Length)]);
            switch (parent, random.Next(5))
            {
                case (JsonArray list, 0):
                    list.RemoveAt(index);
                    break;
                case (JsonArray list, 1):
                    list.Add(list[index]?.DeepClone());
                    break;
                case (JsonArray list, _):
                    list[index] = other;
                    break;
                case (JsonObject obj, 0):
                    obj.Remove(key!);
                    break;
                default:
                    parent[key!] = other;
                    break;
            }
        }

        return JsonCodec.Encode(root!);
    }

    private static IEnumerable<(JsonNode Parent, string? Key, int Index)> Places(JsonNode? node) => node switch
    {
        JsonObject obj => obj.SelectMany(member => Places(member.Value).Prepend((obj, member.Key, 0))),
        JsonArray list => list.SelectMany((item, index) => Places(item).Prepend((list, null, index))),
        _ => [],
    };

    private static string Show<T>(T input) => input is byte[] bytes ? $"base64 {Convert.ToBase64String(bytes)}" : $"{input}";

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
