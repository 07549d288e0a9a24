using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Flotilla.NodeAgent.Runtime.Images;

namespace Flotilla.NodeAgent.Runtime.Tests.Images;

public sealed class OciImageBuilderTests
{
    private static readonly OciImageBuilder Image = new OciImageBuilder("flotilla.local/app:1") { Entrypoint = ["/bin/app"] }
        .AddText("/etc/app/settings", "a=1")
        .AddLink("/bin/sh", "busybox");

    [Fact]
    public void The_same_input_gives_the_same_bytes() => Assert.Equal(Archive(), Archive());

    [Fact]
    public void Every_blob_has_the_name_of_its_digest()
    {
        var blobs = Files(Archive()).Where(file => file.Key.StartsWith("blobs/", StringComparison.Ordinal)).ToList();
        Assert.Equal(3, blobs.Count);
        Assert.All(blobs, blob => Assert.Equal(Path.GetFileName(blob.Key), Convert.ToHexStringLower(SHA256.HashData(blob.Value))));
    }

    [Fact]
    public void The_index_leads_to_the_name_and_the_configuration()
    {
        var files = Files(Archive());
        var manifest = Follow(files, JsonNode.Parse(files["index.json"])!["manifests"]![0]!);
        var config = Follow(files, manifest["config"]!);
        Assert.Equal("/bin/app", (string?)config["config"]!["Entrypoint"]![0]);
        Assert.Equal(
            "flotilla.local/app:1", (string?)JsonNode.Parse(files["index.json"])!["manifests"]![0]!["annotations"]!["io.containerd.image.name"]);
    }

    [Fact]
    public void The_layer_holds_folders_before_what_is_in_them()
    {
        var files = Files(Archive());
        var manifest = Follow(files, JsonNode.Parse(files["index.json"])!["manifests"]![0]!);
        var layer = files[Blob(manifest["layers"]![0]!)];
        Assert.Equal(["bin/", "bin/sh", "etc/", "etc/app/", "etc/app/settings"], Entries(layer));
    }

    private static byte[] Archive()
    {
        using var output = new MemoryStream();
        Image.WriteTo(output);
        return output.ToArray();
    }

    private static JsonNode Follow(Dictionary<string, byte[]> files, JsonNode descriptor) => JsonNode.Parse(files[Blob(descriptor)])!;

    private static string Blob(JsonNode descriptor) => $"blobs/sha256/{((string)descriptor["digest"]!)["sha256:".Length..]}";

    private static Dictionary<string, byte[]> Files(byte[] archive)
    {
        var files = new Dictionary<string, byte[]>();
        using var reader = new TarReader(new MemoryStream(archive));
        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            using var content = new MemoryStream();
            entry.DataStream?.CopyTo(content);
            files[entry.Name] = content.ToArray();
        }

        return files;
    }

    private static List<string> Entries(byte[] layer)
    {
        var names = new List<string>();
        using var reader = new TarReader(new MemoryStream(layer));
        while (reader.GetNextEntry() is { } entry)
        {
            names.Add(entry.Name);
        }

        return names;
    }
}
