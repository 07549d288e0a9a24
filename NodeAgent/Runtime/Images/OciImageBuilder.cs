using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Flotilla.NodeAgent.Runtime.Images;

/// <summary>
/// Builds a one-layer OCI image as a tar archive that <c>ctr images import</c> takes
/// (OCI image layout 1.0: <c>oci-layout</c>, <c>index.json</c>, <c>blobs/sha256/*</c>). The same input gives the same bytes.
/// </summary>
public sealed class OciImageBuilder(string name)
{
    private const string LayerType = "application/vnd.oci.image.layer.v1.tar";
    private const string ConfigType = "application/vnd.oci.image.config.v1+json";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";

    private readonly SortedDictionary<string, TarEntry> entries = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    public IReadOnlyList<string> Command { get; init; } = [];

    public IReadOnlyList<string> Environment { get; init; } = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"];

    public string User { get; init; } = "";

    public string WorkingDirectory { get; init; } = "/";

    public OciImageBuilder AddDirectory(string path, UnixFileMode mode = Modes.Directory) =>
        Add(path, new PaxTarEntry(TarEntryType.Directory, Relative(path) + "/") { Mode = mode });

    public OciImageBuilder AddFile(string path, byte[] content, UnixFileMode mode = Modes.File) =>
        Add(path, new PaxTarEntry(TarEntryType.RegularFile, Relative(path)) { Mode = mode, DataStream = new MemoryStream(content) });

    public OciImageBuilder AddText(string path, string content) => AddFile(path, Encoding.UTF8.GetBytes(content));

    public OciImageBuilder AddLink(string path, string target) =>
        Add(path, new PaxTarEntry(TarEntryType.SymbolicLink, Relative(path)) { LinkName = target, Mode = Modes.Directory });

    /// <summary>Adds a file, or a folder with all in it, keeping the modes.</summary>
    public OciImageBuilder AddFromHost(string hostPath, string imagePath)
    {
        if (!Directory.Exists(hostPath))
        {
            return AddFile(imagePath, File.ReadAllBytes(hostPath), File.GetUnixFileMode(hostPath));
        }

        AddDirectory(imagePath, File.GetUnixFileMode(hostPath));
        foreach (var child in Directory.EnumerateFileSystemEntries(hostPath))
        {
            var target = $"{imagePath.TrimEnd('/')}/{Path.GetFileName(child)}";
            _ = new FileInfo(child).LinkTarget is { } link ? AddLink(target, link) : AddFromHost(child, target);
        }

        return this;
    }

    public void WriteTo(Stream output)
    {
        using var layerStream = new MemoryStream();
        WriteLayer(layerStream);
        var layer = layerStream.ToArray();
        var config = Utf8(Config(layer));
        var manifest = Utf8(Manifest(config, layer));
        using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        Write(tar, "oci-layout", Utf8(new JsonObject { ["imageLayoutVersion"] = "1.0.0" }));
        Write(tar, "index.json", Utf8(Index(manifest)));
        foreach (var blob in (byte[][])[layer, config, manifest])
        {
            Write(tar, $"blobs/sha256/{Convert.ToHexStringLower(SHA256.HashData(blob))}", blob);
        }
    }

    private OciImageBuilder Add(string path, TarEntry entry)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            var parent = path[..slash];
            if (!entries.ContainsKey(Relative(parent)))
            {
                entries[Relative(parent)] = new PaxTarEntry(TarEntryType.Directory, Relative(parent) + "/")
                {
                    Mode = Modes.Directory,
                    ModificationTime = DateTimeOffset.UnixEpoch,
                };
            }
        }

        entry.ModificationTime = DateTimeOffset.UnixEpoch;
        entries[Relative(path)] = entry;
        return this;
    }

    private void WriteLayer(Stream output)
    {
        using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var entry in entries.Values)
        {
            entry.DataStream?.Position = 0;
            tar.WriteEntry(entry);
        }
    }

    private JsonObject Config(byte[] layer) => new()
    {
        ["architecture"] = System.Runtime.InteropServices.RuntimeInformation.OSArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            _ => "amd64",
        },
        ["os"] = "linux",
        ["config"] = new JsonObject
        {
            ["User"] = User,
            ["Env"] = Strings(Environment),
            ["Entrypoint"] = Strings(Entrypoint),
            ["Cmd"] = Strings(Command),
            ["WorkingDir"] = WorkingDirectory,
        },
        ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(Digest(layer)) },
    };

    private static JsonObject Manifest(byte[] config, byte[] layer) => new()
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = ManifestType,
        ["config"] = Descriptor(ConfigType, config),
        ["layers"] = new JsonArray(Descriptor(LayerType, layer)),
    };

    private JsonObject Index(byte[] manifest)
    {
        var descriptor = Descriptor(ManifestType, manifest);
        descriptor["annotations"] = new JsonObject
        {
            ["io.containerd.image.name"] = name,
            ["org.opencontainers.image.ref.name"] = name[(name.LastIndexOf(':') + 1)..],
        };
        return new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(descriptor) };
    }

    private static JsonObject Descriptor(string mediaType, byte[] blob) =>
        new() { ["mediaType"] = mediaType, ["digest"] = Digest(blob), ["size"] = blob.Length };

    private static string Digest(byte[] blob) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(blob));

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode)value)]);

    private static byte[] Utf8(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());

    private static string Relative(string path) => path.Trim('/');

    private static void Write(TarWriter tar, string path, byte[] content) => tar.WriteEntry(
        new PaxTarEntry(TarEntryType.RegularFile, path)
        {
            Mode = Modes.File,
            ModificationTime = DateTimeOffset.UnixEpoch,
            DataStream = new MemoryStream(content),
        });

    private static class Modes
    {
        public const UnixFileMode File = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        public const UnixFileMode Directory = File | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    }
}
