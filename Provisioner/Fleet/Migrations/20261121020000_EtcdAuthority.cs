using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Flotilla.Provisioner.Fleet.Migrations;

/// <summary>Clusters with several masters keep their objects in etcd, which has an authority of its own.</summary>
[DbContext(typeof(FleetDbContext))]
[Migration("20261121020000_EtcdAuthority")]
internal sealed class EtcdAuthority : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) =>
        migrationBuilder.Sql(MigrationScript.Read("20261121020000_EtcdAuthority.sql"));
}
